import logging

from celery import shared_task

from mail.client import send
from shop.models import Order

logger = logging.getLogger(__name__)


@shared_task
def send_receipt(order_id: int) -> None:
    order = Order.objects.get(pk=order_id)
    if order.receipt_sent_at is None:
        send(order.email, "receipt", order_id=order.id)
        order.mark_receipt_sent()


@shared_task(autoretry_for=(Exception,), retry_backoff=True, max_retries=5)
def settle(order_id: int) -> None:
    order = Order.objects.get(pk=order_id)
    payments.charge(order.customer_token, order.total_cents)
    order.status = "settled"
    order.save(update_fields=["status"])
    send(order.email, "settled", order_id=order.id)
