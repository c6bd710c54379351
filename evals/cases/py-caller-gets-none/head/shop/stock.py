from shop.models import Stock


def available(sku: str) -> int | None:
    """Units on hand; None for an unknown sku."""
    stock = Stock.objects.filter(sku=sku).first()
    return stock.on_hand if stock else None
