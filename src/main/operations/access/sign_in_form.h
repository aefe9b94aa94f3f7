// The form that asks for the admin token. {{problem}} is empty at first. The meta line about the
// referrer is needed: under no-referrer a browser sends a form with `Origin: null`, which is
// refused like that of another site.
#pragma once

#include <string_view>

namespace souk::operations {

inline constexpr std::string_view sign_in_form = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="referrer" content="same-origin">
<title>Sign in · Souk</title>
<link rel="icon" href="data:,">
<style nonce="{{nonce}}">
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif;
    --ground: #f6f4ef; --card: #fff; --ink: #1d1b18; --soft: #5c574e; --accent: #8a3b12; --on-accent: #fff; --bad: #a1161b; }
@media (prefers-color-scheme: dark) {
    :root { --ground: #161513; --card: #211f1c; --ink: #f1ede6; --soft: #b5aea2; --accent: #f0a878; --on-accent: #221206; --bad: #ff9c95; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink); }
main { box-sizing: border-box; width: min(100%, 28rem); padding: clamp(1.25rem, 6vw, 3rem); background: var(--card); border-top: 4px solid var(--accent); }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.2; }
label { display: block; font-weight: 600; }
input { box-sizing: border-box; width: 100%; margin: 0.25rem 0; padding: 0.625rem; border: 1px solid var(--soft); border-radius: 0.375rem;
    background: var(--ground); color: inherit; font: inherit; }
input[aria-invalid="true"] { border: 2px solid var(--bad); }
button { margin-top: 1rem; padding: 0.75rem 2rem; border: 1px solid transparent; border-radius: 0.375rem; background: var(--accent); color: var(--on-accent);
    font: inherit; font-weight: 600; cursor: pointer; }
p { margin: 0.25rem 0; color: var(--soft); }
#problem { color: var(--bad); font-weight: 600; }
#problem:empty { display: none; }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; }
</style>
</head>
<body>
<main>
<h1>Souk operations</h1>
<form method="post" action="/login">
<label for="token">Admin token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus aria-invalid="{{invalid}}" aria-describedby="problem hint">
<p id="problem" role="alert">{{problem}}</p>
<p id="hint">The value of SOUK_ADMIN_TOKEN of this program.</p>
<button type="submit">Sign in</button>
</form>
</main>
</body>
</html>
)html";

}  // namespace souk::operations
