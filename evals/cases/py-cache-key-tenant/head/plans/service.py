from plans.cache import remembered
from plans.models import Plan


@remembered("plan:{name}", seconds=300)
def plan_of(tenant_id: int, name: str) -> Plan:
    return Plan.objects.get(tenant_id=tenant_id, name=name)
