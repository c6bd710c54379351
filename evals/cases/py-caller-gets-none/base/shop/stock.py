from shop.models import Stock


def available(sku: str) -> int:
    """Units on hand; raises Stock.DoesNotExist for an unknown sku."""
    return Stock.objects.get(sku=sku).on_hand
