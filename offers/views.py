from django.http import HttpResponse


def store(request):
    return HttpResponse("store")


def public_offer(request, token):
    return HttpResponse("offer")
