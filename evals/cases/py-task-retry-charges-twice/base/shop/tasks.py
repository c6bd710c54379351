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
