"""Secrets of many kinds, made up at run time: no committed text here looks like one."""

from __future__ import annotations

import base64
import random
import string

HEX = "0123456789abcdef"
B62 = string.ascii_letters + string.digits
B64 = B62 + "+/"
UP = string.ascii_uppercase + string.digits


def word(chance: random.Random, size: int, alphabet: str = B62) -> str:
    return "".join(chance.choice(alphabet) for _ in range(size))


def uuid(chance: random.Random) -> str:
    return "-".join(word(chance, size, HEX) for size in (8, 4, 4, 4, 12))


def jwt(chance: random.Random) -> str:
    head, body = ('{"alg":"HS256","typ":"JWT"}', '{"sub":"' + word(chance, 20) + '"}')
    parts = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in (head, body)]
    return ".".join((*parts, word(chance, 43, B62 + "-_")))


def by_format(chance: random.Random) -> dict[str, str]:
    """Values that give themselves away, by the kind our table gives them."""
    w = lambda size, alphabet=B62: word(chance, size, alphabet)  # noqa: E731
    return {
        "aws-access-key-id": "AKI" + "A" + w(16, "ABCDEFGHJKLMNPQRSTUVWXYZ234567"),
        "google-api-key": "AI" + "za" + w(35),
        "google-oauth-secret": "GOC" + "SPX-" + w(28),
        "google-oauth-token": "ya" + "29." + w(60),
        "azure-client-secret": w(3) + "8" + "Q~" + w(32),
        "digitalocean-token": "dop" + "_v1_" + w(64, HEX),
        "github-token": "gh" + "p_" + w(36),
        "github-token fine": "github" + "_pat_" + w(22) + "_" + w(59),
        "gitlab-token": "gl" + "pat-" + w(20),
        "atlassian-token": "ATA" + "TT3" + w(80),
        "npm-token": "np" + "m_" + w(36),
        "pypi-token": "pypi-" + "AgEIcHlwaS5" + w(80),
        "rubygems-key": "ruby" + "gems_" + w(48, HEX),
        "docker-token": "dckr" + "_pat_" + w(27),
        "vault-token": "hv" + "s." + w(40),
        "terraform-token": w(14) + ".atl" + "asv1." + w(64),
        "databricks-token": "da" + "pi" + w(32, HEX),
        "stripe-key": "sk" + "_live_" + w(24),
        "stripe-test-key": "sk" + "_test_" + w(24),
        "stripe-webhook-secret": "wh" + "sec_" + w(32),
        "shopify-token": "shp" + "at_" + w(32, HEX),
        "square-token": "sq0" + "atp-" + w(22),
        "slack-token": "xo" + "xb-" + w(12, string.digits) + "-" + w(12, string.digits) + "-" + w(24),
        "twilio-key": "S" + "K" + w(32, HEX),
        "sendgrid-key": "S" + "G." + w(22) + "." + w(43),
        "mailgun-key": "ke" + "y-" + w(32, HEX),
        "mailchimp-key": w(32, HEX) + "-us" + "12",
        "telegram-token": w(9, "123456789") + ":A" + "A" + w(33),
        "anthropic-key": "sk-" + "ant-api03-" + w(90),
        "openai-key": "sk-" + "proj-" + w(60),
        "huggingface-token": "h" + "f_" + w(34, string.ascii_letters),
        "groq-key": "gs" + "k_" + w(52),
        "newrelic-key": "NR" + "AK-" + w(27, UP),
        "grafana-token": "gl" + "sa_" + w(32) + "_" + w(8, HEX),
        "sentry-token": "sntry" + "u_" + w(64, HEX),
        "linear-key": "lin" + "_api_" + w(40),
        "notion-token": "nt" + "n_" + w(46),
        "figma-token": "fi" + "gd_" + w(40),
        "postman-key": "PM" + "AK-" + w(24, HEX) + "-" + w(34, HEX),
        "airtable-token": "pa" + "t" + w(14) + "." + w(64, HEX),
        "planetscale-token": "pscale" + "_tkn_" + w(43),
        "age-secret-key": "AGE-SECRET" + "-KEY-1" + w(58, UP),
        "facebook-token": "EA" + "A" + w(120),
        "firebase-key": "AA" + "AA" + w(7) + ":AP" + "A91b" + w(134),
        "dropbox-token": "s" + "l." + w(135),
        "password-hash": "$2" + "b$12$" + w(53),
        "jwt": jwt(chance),
    }


def in_place(chance: random.Random) -> dict[str, tuple[str, str]]:
    """(line, the value in it) of secrets known only by what stands around them."""
    w = lambda size, alphabet=B62: word(chance, size, alphabet)  # noqa: E731
    mixed = lambda size: "a7" + w(size - 4) + "Z3"  # noqa: E731
    found: dict[str, tuple[str, str]] = {}

    def add(name: str, line: str, value: str) -> None:
        found[name] = (line.replace("@@", value), value)

    add("aws secret in python", 'aws_secret_access_key = "@@"', w(40, B64))
    add("aws secret in ini", "aws_secret_access_key=@@", w(40, B64))
    add(
        "azure connection string", "AccountName=x;Account" + "Key=@@;EndpointSuffix=core.windows.net", w(86, B64) + "=="
    )
    add("heroku key", "HEROKU_API_KEY=@@", uuid(chance))
    add("datadog key", 'DD_API_KEY: "@@"', w(32, HEX))
    add("twilio auth token", 'twilio_auth_token = "@@"', w(32, HEX))
    add("slack webhook", "https://hooks.slack" + ".com/services/@@", f"T{w(9, UP)}/B{w(9, UP)}/{w(24)}")
    add("discord webhook", "https://discord" + ".com/api/webhooks/123456789012345678/@@", w(68))
    add("postgres url", 'db = "postgres' + '://app:@@@db.internal:5432/shop"', mixed(14))
    add("mongodb url", "MONGO_URL=mongodb" + "+srv://svc:@@@c0.mongodb.net/app?retryWrites=true", mixed(14))
    add("redis url", "redis" + "://:@@@cache:6379/0", mixed(20))
    add("amqp url", 'url: "amqps' + '://svc:@@@mq:5671/v"', mixed(12))
    add("basic auth in a git url", "git clone https" + "://bot:@@@git.internal/x.git", mixed(20))
    add("ado.net connection string", '"Server=db;User Id=app;Password' + '=@@;Encrypt=true"', mixed(12))
    add("jdbc url", "jdbc:sqlserver://db;user=app;password" + "=@@;", mixed(12))
    add("bearer header", '-H "Authorization: Bear' + 'er @@"', mixed(40))
    add("basic header", 'headers["Authorization"] = "Bas' + 'ic @@"', base64.b64encode(w(24).encode()).decode())
    add("python", 'client_secret = "@@"', mixed(24))
    add("python typed", 'api_key: str = "@@"', mixed(24))
    add("python dict", '{"password": "@@", "x": 1}', mixed(12))
    add("python keyword", 'connect(host="h", password="@@")', mixed(12))
    add("python item", 'config["SECRET_KEY"] = "@@"', mixed(50))
    add("javascript", "const apiKey = '@@';", mixed(24))
    add("typescript", "  private readonly apiKey: string = `@@`;", mixed(24))
    add("object literal", "  accessToken: '@@',", mixed(24))
    add("go", 'const apiToken = "@@"', mixed(24))
    add("go short", 'dbPassword := "@@"', mixed(16))
    add("go typed", 'var apiToken string = "@@"', mixed(24))
    add("java", 'private static final String API_SECRET = "@@";', mixed(24))
    add("java setter", 'dataSource.setPassword("@@");', mixed(12))
    add("kotlin", 'val apiKey: String = "@@"', mixed(24))
    add("csharp", 'public const string ApiKey = @"@@";', mixed(24))
    add("ruby", ":password => '@@'", mixed(12))
    add("ruby symbol", 'password: "@@",', mixed(12))
    add("php", "'db_password' => '@@',", mixed(12))
    add("php define", "define('AUTH_KEY', '@@');", mixed(32))
    add("rust", 'const API_TOKEN: &str = "@@";', mixed(24))
    add("yaml", "    password: @@", mixed(12))
    add("yaml quoted", "  client-secret: '@@'", mixed(24))
    add("properties", "spring.datasource.password=@@", mixed(12))
    add("dotenv", "SESSION_SECRET=@@", mixed(32))
    add("shell", 'export API_TOKEN="@@"', mixed(24))
    add("dockerfile", "ENV API_TOKEN @@", mixed(24))
    add("compose", "      - DB_PASSWORD=@@", mixed(12))
    add("toml", 'token = "@@"', mixed(24))
    add("json", '  "apiKey": "@@",', mixed(24))
    add("xml", "<password>@@</password>", mixed(12))
    add("web.config", '<add key="ApiSecret" value="@@" />', mixed(24))
    add("sql", "CREATE USER app WITH PASSWORD '@@';", mixed(12))
    add("mysql", "ALTER USER app IDENTIFIED BY '@@';", mixed(12))
    add("command line", "deploy --api-token @@ --region eu", mixed(24))
    add("header", "X-Api-Key: @@", mixed(32))
    add("npmrc", "//registry/:_auth" + "Token=@@", mixed(36))
    add("curl", "curl -fsS -u deploy:@@ https://registry.internal/v2/", mixed(16))
    add("mysql client", "mysqldump -h db -u app -p@@ shop > out.sql", mixed(14))
    add("pgpass", "db.internal:5432:shop:app:@@", mixed(14))
    add("netrc", "machine git.internal login bot password @@", mixed(20))
    add("docker config", '{"auths": {"r": {"auth": "@@"}}}', base64.b64encode(w(24).encode()).decode())
    add("some other key", 'AES_KEY = "@@"', mixed(32))
    return found


def key_block(chance: random.Random, label: str = "RSA ", lines: int = 6) -> list[str]:
    """A private key block as its lines."""
    body = [word(chance, 64, B64) for _ in range(lines)] + [word(chance, 30, B64) + "=="]
    return ["-----BEGIN " + label + "PRIVATE KEY-----", *body, "-----END " + label + "PRIVATE KEY-----"]
