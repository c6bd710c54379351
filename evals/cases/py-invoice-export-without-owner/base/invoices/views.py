from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404

from accounts.auth import login_required
from invoices.models import Invoice


@login_required
def detail(request: HttpRequest, invoice_id: int) -> JsonResponse:
    invoice = get_object_or_404(Invoice, pk=invoice_id, account=request.user.account)
    return JsonResponse({"id": invoice.id, "total_cents": invoice.total_cents})
