from plans.models import Plan


def plan_of(tenant_id: int, name: str) -> Plan:
    return Plan.objects.get(tenant_id=tenant_id, name=name)
