from django.http import HttpRequest, JsonResponse

from accounts.auth import require_role
from accounts.models import User


@require_role("support")
def sessions(request: HttpRequest, user_id: int) -> JsonResponse:
    user = User.objects.get(pk=user_id)
    return JsonResponse({"sessions": [str(each.id) for each in user.sessions.all()]})


def impersonate(request: HttpRequest, user_id: int) -> JsonResponse:
    request.session["acting_for"] = user_id
    return JsonResponse({"ok": True})
