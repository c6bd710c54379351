"""The kinds of secrets we know by their format, as data.

A kind is found only in text that holds one of its `anchors` (lower case): a substring test is a hundred times
cheaper than the pattern. Where a pattern has a group `v`, that group is the value and the rest stays readable.
No pattern crosses a line; private key blocks, which do, are found by `reviewer.stages.secrets` itself.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple


class Kind(NamedTuple):
    """`strict` kinds are worth a finding where they turn up; the others are only masked.

    An anchor stands in the value's own line, or with `apart` anywhere in the text.
    """

    name: str
    anchors: tuple[str, ...]
    pattern: str
    strict: bool = True
    apart: bool = False

    def compiled(self) -> re.Pattern[str]:
        return _compiled(self.pattern)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_B = r"(?<![A-Za-z0-9_])"  # nothing word-like before
_E = r"(?![A-Za-z0-9])"  # nothing alphanumeric after
_ASSIGN = r"[\w.\-]{0,30}[\"'\]]{0,2}[ \t]{0,9}(?:=>|:=|[=:,(])[ \t(]{0,9}[\"'`]?"  # rest of a name, then to its value

KINDS: tuple[Kind, ...] = (
    # cloud
    Kind("aws-access-key-id", ("akia", "asia", "abia", "acca"), _B + r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}" + _E),
    Kind(
        "aws-secret-key",
        ("aws", "secretaccesskey", "secret_access_key", "secretkey"),
        r"(?i:aws[\w.\-]{0,20}(?:secret|access|key)|secret[_.\-]?access[_.\-]?key)"
        + _ASSIGN
        + r"(?P<v>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        apart=True,
    ),
    Kind(
        "secret-key",  # Amazon's by its form, and others'
        ("aws", "secretaccesskey", "secret_access_key", "secretkey"),
        r"(?i:secret[\w.\-]{0,20}(?:secret|access|key))" + _ASSIGN + r"(?P<v>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        apart=True,
    ),
    Kind("google-api-key", ("aiza",), _B + r"AIza[\w\-]{35}" + r"(?![\w\-])"),
    Kind("google-oauth-secret", ("gocspx-",), _B + r"GOCSPX-[\w\-]{28}"),
    Kind("google-oauth-token", ("ya29.",), _B + r"ya29\.[\w\-]{30,}"),
    Kind(
        "azure-storage-key",
        ("accountkey=", "sharedaccesskey="),
        r"(?i:AccountKey|SharedAccessKey)=(?P<v>[A-Za-z0-9+/]{40,}={0,2})",
    ),
    Kind("azure-sas-signature", ("sig=",), r"[?&]sig=(?P<v>[A-Za-z0-9%]{43,63}%3[Dd])"),
    Kind("azure-client-secret", ("q~",), r"(?<![\w.~\-])[\w.~\-]{3}\dQ~[\w.~\-]{31,34}(?![\w.~\-])"),
    Kind("digitalocean-token", ("dop_v1_", "doo_v1_", "dor_v1_"), _B + r"do[opr]_v1_[a-f0-9]{64}"),
    Kind("alibaba-key-id", ("ltai",), _B + r"LTAI[A-Za-z0-9]{16,20}" + _E),
    Kind(
        "cloudflare-token",
        ("cloudflare", "cf_api"),
        r"(?i:cloudflare|cf_api)" + _ASSIGN + r"(?P<v>[A-Za-z0-9_\-]{37,40})(?![\w\-])",
    ),
    Kind(
        "heroku-key",
        ("heroku",),
        r"(?i:heroku)" + _ASSIGN + r"(?P<v>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})" + _E,
    ),
    Kind("heroku-key", ("hrku-",), _B + r"HRKU-[\w\-]{36,64}"),
    Kind("flyio-token", ("fo1_", "fm1", "fm2"), _B + r"(?:fo1_[\w\-]{43}|fm[12][ar]?_[A-Za-z0-9+/]{80,}={0,2})"),
    # version control, registries, build
    Kind("github-token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), _B + r"gh[pousr]_[A-Za-z0-9]{36,255}" + _E),
    Kind("github-token", ("github_pat_",), _B + r"github_pat_\w{50,255}"),
    Kind(
        "gitlab-token",
        ("glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glsoat-", "glagent-"),
        _B + r"gl(?:pat|dt|rt|ptt|cbt|soat|agent)-[\w\-.]{20,}",
    ),
    Kind("bitbucket-token", ("atbb",), _B + r"ATBB[A-Za-z0-9_\-=]{24,}"),
    Kind("atlassian-token", ("atatt3", "atctt3"), _B + r"AT[AC]TT3[A-Za-z0-9_\-=]{60,}"),
    Kind("npm-token", ("npm_",), _B + r"npm_[A-Za-z0-9]{36}" + _E),
    Kind("npm-token", ("_authtoken",), r"_authToken[ \t]*=[ \t]*[\"']?(?P<v>[A-Za-z0-9+/=_\-]{20,})"),
    Kind("pypi-token", ("pypi-ageicHlwaS5".lower(),), _B + r"pypi-AgEIcHlwaS5[\w\-]{50,}"),
    Kind("rubygems-key", ("rubygems_",), _B + r"rubygems_[a-f0-9]{48}"),
    Kind("crates-token", ("cio",), _B + r"cio[A-Za-z0-9]{32}" + _E),
    Kind("nuget-key", ("oy2",), _B + r"oy2[a-z0-9]{43}" + _E),
    Kind("docker-token", ("dckr_pat_", "dckr_oat_"), _B + r"dckr_[po]at_[\w\-]{27,}"),
    Kind("terraform-token", (".atlasv1.",), _B + r"[A-Za-z0-9]{14}\.atlasv1\.[\w\-=]{60,}"),
    Kind("vault-token", ("hvs.", "hvb.", "hvr."), _B + r"hv[sbr]\.[\w\-]{24,}"),
    Kind("pulumi-token", ("pul-",), _B + r"pul-[a-f0-9]{40}" + _E),
    Kind("doppler-token", ("dp.pt.", "dp.st.", "dp.sa.", "dp.ct."), _B + r"dp\.(?:pt|st|sa|ct)\.[A-Za-z0-9_.\-]{40,}"),
    Kind("databricks-token", ("dapi",), _B + r"dapi[a-f0-9]{32}(?:-\d)?" + _E),
    Kind("planetscale-token", ("pscale_",), _B + r"pscale_(?:tkn|pw|oauth)_[\w\-.=]{32,}"),
    Kind("supabase-key", ("sbp_", "sb_secret_"), _B + r"(?:sbp_[a-f0-9]{40}|sb_secret_[\w\-]{20,})"),
    # money
    Kind("stripe-key", ("sk_live_", "rk_live_"), _B + r"[sr]k_live_[A-Za-z0-9]{16,247}" + _E),
    Kind("stripe-test-key", ("sk_test_", "rk_test_"), _B + r"[sr]k_test_[A-Za-z0-9]{16,247}" + _E, strict=False),
    Kind("stripe-webhook-secret", ("whsec_",), _B + r"whsec_[A-Za-z0-9+/=]{24,}"),
    Kind("square-token", ("sq0atp-", "sq0csp-", "eaaa"), _B + r"(?:sq0(?:atp|csp)-[\w\-]{22,43}|EAAA[\w\-+=]{60})"),
    Kind("shopify-token", ("shpat_", "shpca_", "shppa_", "shpss_"), _B + r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    Kind("braintree-token", ("access_token$",), r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}"),
    Kind("adyen-key", ("aqe",), _B + r"AQE[a-z][A-Za-z0-9+/=]{60,}[\w\-+/=.&]*"),
    # chat, mail, phone
    Kind("slack-token", ("xox",), _B + r"xox[abeoprs]-[A-Za-z0-9\-]{10,}"),
    Kind("slack-token", ("xapp-",), _B + r"xapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{32,}"),
    Kind(
        "slack-webhook",
        ("hooks.slack.com",),
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<v>[A-Za-z0-9+/_]{20,})",
    ),
    Kind(
        "discord-webhook",
        ("/api/webhooks/",),
        r"discord(?:app)?\.com/api/webhooks/\d{15,21}/(?P<v>[\w\-]{50,})",
    ),
    Kind(
        "discord-token",
        ("discord",),
        r"(?<![\w.\-])[MNO][A-Za-z0-9_\-]{23,27}\.[\w\-]{6}\.[\w\-]{27,40}(?![\w.\-])",
        apart=True,
    ),
    Kind("telegram-token", (":aa",), r"(?<![\w:])\d{8,10}:AA[\w\-]{33}(?![\w\-])"),
    Kind(
        "teams-webhook", (".webhook.office.com",), r"\.webhook\.office\.com/webhookb2/(?P<v>[\w@\-]{36,}/[\w/\-]{40,})"
    ),
    Kind("twilio-key", ("sk",), _B + r"SK[0-9a-f]{32}" + _E),
    Kind(
        "twilio-auth-token",
        ("twilio",),
        r"(?i:twilio[\w.\-]{0,20}(?:token|secret))" + _ASSIGN + r"(?P<v>[0-9a-f]{32})" + _E,
    ),
    Kind("sendgrid-key", ("sg.",), _B + r"SG\.[\w\-]{16,32}\.[\w\-]{30,64}"),
    Kind("mailgun-key", ("key-",), _B + r"key-[0-9a-f]{32}" + _E),
    Kind("mailchimp-key", ("-us",), _B + r"[0-9a-f]{32}-us\d{1,2}" + _E),
    Kind("brevo-key", ("xkeysib-", "xsmtpsib-"), _B + r"x(?:keysib|smtpsib)-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    Kind(
        "postmark-token",
        ("postmark",),
        r"(?i:postmark)" + _ASSIGN + r"(?P<v>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
    ),
    # models
    Kind("anthropic-key", ("sk-ant-",), _B + r"sk-ant-[\w\-]{24,}"),
    Kind("openai-key", ("sk-proj-", "sk-svcacct-", "sk-admin-"), _B + r"sk-(?:proj|svcacct|admin)-[\w\-]{24,}"),
    Kind("openai-key", ("sk-",), _B + r"sk-[A-Za-z0-9]{32,}" + _E),
    Kind("openrouter-key", ("sk-or-",), _B + r"sk-or-(?:v\d-)?[\w\-]{32,}"),
    Kind("huggingface-token", ("hf_", "api_org_"), _B + r"(?:hf|api_org)_[A-Za-z]{34,}" + _E),
    Kind("groq-key", ("gsk_",), _B + r"gsk_[A-Za-z0-9]{40,}" + _E),
    Kind("replicate-token", ("r8_",), _B + r"r8_[A-Za-z0-9]{37,}" + _E),
    Kind("perplexity-key", ("pplx-",), _B + r"pplx-[A-Za-z0-9]{40,}" + _E),
    Kind("xai-key", ("xai-",), _B + r"xai-[A-Za-z0-9]{70,}" + _E),
    Kind("langsmith-key", ("lsv2_",), _B + r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    # observability and work tools
    Kind("newrelic-key", ("nrak-", "nrii-", "nraa-"), _B + r"NR(?:AK|II|AA)-[A-Z0-9a-z_\-]{24,}"),
    Kind("grafana-token", ("glsa_", "glc_"), _B + r"(?:glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|glc_[A-Za-z0-9+/=]{32,})"),
    Kind("sentry-token", ("sntrys_", "sntryu_"), _B + r"sntry(?:s_[A-Za-z0-9+/=_\-]{40,}|u_[a-f0-9]{64})"),
    Kind(
        "datadog-key",
        ("datadog", "dd_api", "dd_app", "dd-api", "dd-app", "ddapi", "ddapp"),
        r"(?i:datadog|dd[_-]?(?:api|app)(?:lication)?)" + _ASSIGN + r"(?P<v>[0-9a-f]{32}(?:[0-9a-f]{8})?)" + _E,
    ),
    Kind("dynatrace-token", ("dt0c01.", "dt0s01."), _B + r"dt0[cs]01\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    Kind("honeycomb-key", ("hcaik_", "hcbik_"), _B + r"hc[ab]ik_[a-z0-9]{50,}"),
    Kind("linear-key", ("lin_api_", "lin_oauth_"), _B + r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}"),
    Kind("notion-token", ("ntn_",), _B + r"ntn_[A-Za-z0-9]{40,}" + _E),
    Kind("notion-token", ("secret_",), _B + r"secret_[A-Za-z0-9]{43}" + _E),
    Kind("figma-token", ("figd_", "figo_"), _B + r"fig[do]_[\w\-]{36,}"),
    Kind("airtable-token", ("pat",), _B + r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}" + _E),
    Kind("postman-key", ("pmak-",), _B + r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    Kind("okta-token", ("ssws ",), r"SSWS (?P<v>00[\w\-]{40})"),
    Kind("mapbox-token", ("sk.ey",), _B + r"sk\.eyJ[\w\-]{50,}\.[\w\-]{20,}"),
    Kind("launchdarkly-key", ("sdk-", "api-"), _B + r"(?:sdk|api)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}" + _E),
    Kind("age-secret-key", ("age-secret-key-1",), r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    Kind("onepassword-token", ("ops_eyj",), _B + r"ops_eyJ[\w\-+/=]{100,}"),
    Kind("facebook-token", ("eaa",), _B + r"EAA[A-Za-z0-9]{90,}"),
    Kind("firebase-key", (":apa91b",), _B + r"AAAA[\w\-]{7}:APA91b[\w\-]{120,}"),
    Kind("dropbox-token", ("sl.",), r"(?<![\w.])sl\.(?:u\.)?[\w\-]{120,}"),
    # formats of no one provider
    Kind(
        "command-password",
        ("curl",),
        r"curl\b[^\n]{0,200}?[ \t](?:-u|--user)[ =]?[\"']?[^\s:\"']{1,64}:(?P<v>[^\s\"']{4,128})",
        strict=False,
    ),
    Kind(
        "command-password",
        ("mysql",),
        r"mysql(?:dump|admin)?\b[^\n]{0,200}?[ \t]-p(?P<v>[^\s\"'\-]{6,128})",
        strict=False,
    ),
    Kind("pgpass-password", (":5432:",), r":5432:[^:\s]{1,64}:[^:\s]{1,64}:(?P<v>[^\s\"']{4,128})"),
    Kind("registry-auth", ('"auth"',), r"\"auth\"[ \t]*:[ \t]*\"(?P<v>[A-Za-z0-9+/]{16,}={0,2})\""),
    Kind(
        "password-hash",
        ("$2a$", "$2b$", "$2y$", "$apr1$", "$argon2", "$6$"),
        r"\$(?:2[aby]\$\d\d\$[./A-Za-z0-9]{53}|apr1\$[^\s\"'$]{1,16}\$[./A-Za-z0-9]{22}|6\$[^\s\"'$]{1,30}\$[./A-Za-z0-9]{86}"
        r"|argon2id?\$[^\s\"']{30,256})",
        strict=False,
    ),
    Kind("jwt", ("eyj",), r"(?<![\w.\-])eyJ[\w\-]{8,}\.eyJ[\w\-]{8,}\.[\w\-]{10,}", strict=False),
    Kind("jwe", ("eyj",), r"(?<![\w.\-])eyJ[\w\-]{8,}(?:\.[\w\-]*){3}\.[\w\-]{10,}", strict=False),
    Kind(
        "bearer-token",
        ("bearer",),
        r"(?i:bearer)[ \t]+(?P<v>[A-Za-z0-9_\-.~+/]{16,}={0,2})",
        strict=False,
    ),
    Kind(
        "basic-auth",
        ("basic",),
        r"(?i:authorization[\"']?[ \t]*[:=,][ \t]*[\"']?basic|[\"'`]basic)[ \t]+(?=\S*(?:[0-9=+/]|[a-z][A-Z]))(?P<v>[A-Za-z0-9+/_\-]{8,}={0,2})(?![A-Za-z0-9])",
        strict=False,
    ),
    Kind(
        "url-password",
        ("://",),
        r"[A-Za-z][A-Za-z0-9+.\-]{1,30}://[^\s:@/\"'`<>?#]{0,128}:(?P<v>[^\s@\"'`<>]{3,256}?)@(?=[\w.\-\[\]:,%${}]+)",
    ),
    Kind(
        "dsn-password",
        ("password=", "pwd=", "password =", "pwd ="),
        r"(?i:;[ \t]*(?:password|pwd)|(?:password|pwd)(?=[^;\n\"']{0,120};))[ \t]*=[ \t]*(?P<v>[^;\s\"'`<>]{4,128})",
        apart=True,
    ),
)
