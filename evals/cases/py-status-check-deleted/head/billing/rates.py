import requests

BASE = "https://rates.example"


class RateClient:
    def __init__(self) -> None:
        self.session = requests.Session()

    def rate(self, currency: str) -> str:
        reply = self.session.get(f"{BASE}/rates/{currency}", timeout=(2, 5))
        return reply.json()["rate"]
