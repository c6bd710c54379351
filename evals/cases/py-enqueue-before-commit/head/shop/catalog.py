from django.db import transaction

from shop.jobs import reindex
from shop.models import Product


def rename(product_id: int, name: str) -> None:
    with transaction.atomic():
        product = Product.objects.select_for_update().get(pk=product_id)
        product.name = name
        product.save(update_fields=["name"])
        reindex.delay(product_id)
