class ImportJob < ApplicationJob
  retry_on Timeout::Error, attempts: 5

  def perform(batch)
    batch.rows.find_each do |row|
      Payment.upsert({ reference: row.reference, cents: row.cents }, unique_by: :reference)
    end
  end
end
