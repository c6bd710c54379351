class Member < ApplicationRecord
  belongs_to :team
  validates :email, presence: true, uniqueness: { scope: :team_id }
end
