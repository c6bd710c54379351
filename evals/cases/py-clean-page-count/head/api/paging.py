def pages(total: int, size: int) -> int:
    return max(1, -(-total // size))


def slice_of(items: list[str], page: int, size: int) -> list[str]:
    return items[(page - 1) * size : page * size]
