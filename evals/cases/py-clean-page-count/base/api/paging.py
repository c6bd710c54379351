def pages(total: int, size: int) -> int:
    return total // size + 1


def slice_of(items: list[str], page: int, size: int) -> list[str]:
    return items[(page - 1) * size : page * size]
