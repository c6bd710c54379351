from django.db import transaction

from shop.models import Coupon, Order


def redeem(code: str, order_id: int) -> Order:
    with transaction.atomic():
        coupon = Coupon.objects.select_for_update().get(code=code)
        if coupon.uses_left < 1:
            raise ValueError("used up")
        coupon.uses_left -= 1
        coupon.save(update_fields=["uses_left"])
        order = Order.objects.get(pk=order_id)
        order.discount_cents = coupon.cents
        order.save(update_fields=["discount_cents"])
    return order
