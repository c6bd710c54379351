class ImportJob < ApplicationJob
  retry_on Timeout::Error, attempts: 5

  def perform(batch)
    batch.rows.find_each do |row|
      Payment.create(reference: row.reference, cents: row.cents)
    end
  end
end
