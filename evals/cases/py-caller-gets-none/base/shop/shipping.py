from shop.stock import available


def can_ship(sku: str, wanted: int) -> bool:
    return available(sku) >= wanted
