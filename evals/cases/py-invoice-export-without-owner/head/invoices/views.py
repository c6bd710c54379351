from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404

from accounts.auth import login_required
from invoices.models import Invoice


@login_required
def detail(request: HttpRequest, invoice_id: int) -> JsonResponse:
    invoice = get_object_or_404(Invoice, pk=invoice_id, account=request.user.account)
    return JsonResponse({"id": invoice.id, "total_cents": invoice.total_cents})


@login_required
def export(request: HttpRequest, invoice_id: int) -> HttpResponse:
    invoice = get_object_or_404(Invoice, pk=invoice_id)
    rows = "\n".join(f"{line.sku},{line.cents}" for line in invoice.lines.all())
    return HttpResponse(rows, content_type="text/csv")
