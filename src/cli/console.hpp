// The terminal: stdout for answers, stderr for one line that says what is wrong. Not thread safe.
#pragma once

#include <string>
#include <string_view>

namespace filemint::cli {

void print(std::string_view text);       // to stdout
void print_line(std::string_view text);  // to stdout, with a line end

// "filemint: MESSAGE" to stderr, always one line, secrets that were typed by mistake hidden.
void print_error(std::string_view message);

// The same for what is worth knowing beside an answer.
void print_note(std::string_view message);

// Whether all that was printed has arrived, a full disk being what can hinder it.
[[nodiscard]] bool flush_output();

// Control bytes, which could steer a terminal, are shown as '?'.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace filemint::cli
