// The page that a one-time link leads to: a password is chosen, nothing else. The secret of the link
// stands behind "#", so the browser sends it with the password only.
#include "thimble/server/handlers.hpp"

namespace thimble::server {
namespace {

constexpr std::string_view kPage = R"page(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Thimble: choose a password</title>
<script src="/welcome.js" defer></script>
</head>
<body>
<main>
<h1>Thimble</h1>
<form>
<p><label for="password">Choose a password of at least 12 characters</label></p>
<p><input id="password" type="password" autocomplete="new-password" minlength="12" maxlength="256" required></p>
<p><button>Sign in</button></p>
</form>
<p id="outcome" role="status"></p>
<noscript><p>This page needs a script: it is the only way to keep the secret out of the address.</p></noscript>
</main>
</body>
</html>
)page";

constexpr std::string_view kScript = R"script("use strict";
const form = document.querySelector("form");
const outcome = document.getElementById("outcome");
form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const response = await fetch("/api/v1/sign-in-links/redeem", {
        method: "POST",
        headers: {"Content-Type": "application/json"},
        body: JSON.stringify({
            secret: location.hash.slice(1),
            password: document.getElementById("password").value,
        }),
    });
    const answer = await response.json();
    outcome.textContent = response.ok ? `You are signed in as ${answer.user}.` : answer.detail;
    if (response.ok) {
        history.replaceState(null, "", "/welcome");
        form.remove();
    }
});
)script";

}  // namespace

Result<Answer> welcome_page(Context& /*context*/, const Call& /*call*/) {
    return Answer(Response{200, "text/html; charset=utf-8", std::string(kPage), {}});
}

Result<Answer> welcome_script(Context& /*context*/, const Call& /*call*/) {
    return Answer(Response{200, "text/javascript; charset=utf-8", std::string(kScript), {}});
}

}  // namespace thimble::server
