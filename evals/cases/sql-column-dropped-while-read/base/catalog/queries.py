LIST = "SELECT id, name, price_cents FROM products WHERE active ORDER BY id LIMIT %s"
