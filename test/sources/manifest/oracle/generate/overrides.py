"""What the generic upstream and the generic config cannot guess about a real manifest."""

CUSTOM = {"bamboo-hr", "instatus", "intercom", "recurly", "salesloft", "zendesk-sunshine"}
SKIP = CUSTOM
CONFIG = {
    "deputy": {"base_url": "https://acme.example.com", "api_key": "k3y/+=&"},
    "datascope": {"api_key": "k3y/+=&", "start_date": "20/02/2026 00:00"},
    "auth0": {"base_url": "https://acme.auth0.com", "start_date": "2026-02-20T00:00:00.000Z", "credentials": {"auth_type": "oauth2_access_token", "access_token": "t0ken"}},
    "stockdata": {"api_key": "k3y/+=&", "start_date": "2026-02-20T00:00:00Z", "symbols": ["TSLA", "BRK.B"], "industries": ["Technology", "Consumer Cyclical"]},
    "lever-hiring": {"start_date": "2026-02-20T00:00:00Z", "environment": "Sandbox", "credentials": {"auth_type": "Client", "client_id": "c", "client_secret": "s", "refresh_token": "r"}},
}
DATES = {"shortio": "2026-02-20T00:00:00.000Z"}
COUNTS = {}
REPLACE = {}
SINGLE = {}
STREAMS = {}
EVERY_STREAM = {"google-webfonts", "dremio", "papersign", "airbyte", "luma", "plaid", "coassemble", "yotpo", "stockdata", "openweather", "unleash", "sendinblue", "fullstory", "smartwaiver", "waiteraid"}
# Manifests without an error handler for which the default one is recorded.
ERRORS_OF_DEFAULTS = {"dremio", "papersign", "agilecrm"}
