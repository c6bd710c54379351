class ReportsController < ApplicationController
  before_action :authenticate_user!
  before_action :require_admin, only: %i[index purge]

  def index
    render json: Report.recent
  end

  def purge
    Report.where(created_at: ..1.year.ago).delete_all
    head :no_content
  end
end
