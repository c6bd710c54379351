ActiveRecord::Schema[7.1].define(version: 2024_05_01_000000) do
  create_table "members", force: :cascade do |t|
    t.bigint "team_id", null: false
    t.string "email", null: false
    t.index ["team_id"], name: "index_members_on_team_id"
  end
end
