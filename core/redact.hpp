// What looks like a secret of ours, in a text that may go to a log, a terminal or another's eyes:
// the last net, under callers who keep secrets out of their texts. It knows API keys (also mistyped
// ones and those cut behind eight characters of their secret), signed tokens, 32 bytes in base64,
// as master keys are, private keys in PEM, and who logs in by a URL (scheme://USER:PASSWORD@host).
// Thread safe.
#pragma once

#include <string>
#include <string_view>

namespace filemint {

[[nodiscard]] bool holds_secret(std::string_view text) noexcept;

// The text with "fm_ID_...", "eyJ..." or "..." in their places.
[[nodiscard]] std::string redacted(std::string_view text);

}  // namespace filemint
