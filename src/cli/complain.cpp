#include "thimble/cli/complain.hpp"

#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/error_document.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/state_room.hpp"
#include "thimble/cli/terminal_line.hpp"

#include <array>
#include <string_view>

namespace thimble::cli {
namespace {

struct Step {
    std::string_view code;
    std::string_view next;
};
/// What to do about an error whose own words do not say it; by the code of the error or of what
/// caused it.
constexpr std::array kSteps{
    Step{
        "host.no_connection",
        "`ssh USER@NAME true` must work without asking anything: see that the key is loaded "
        "(ssh-add -l), that the host key is known, and that a jump host or proxy is set in "
        "~/.ssh/config. `thimble hosts` lists the hosts that a server knows."},
    Step{
        "host.bad_target",
        "A host is asked over SSH, by its name or address. `thimble hosts` lists those that a "
        "server knows, and `thimble findings --host NAME` tells what it knows of one."},
    Step{"host.timeout", "Is the host, or the disk below, slow or stuck? Then try again later."},
    Step{"host.bad_answer", "Does the login shell there print something of its own?"},
    Step{"catalog.too_large", "Compile fewer feeds into it."},
    Step{"catalog.no_catalog", "Run `thimble feeds sync`, which puts one there."},
    Step{"catalog.corrupt", "Run `thimble feeds sync`, which compiles it again."},
    Step{
        "server.not_that_document",
        "Look at it once more: `thimble control approve CONTROL` shows it with its digest."},
    Step{
        "server.not_that_date",
        "Look at it once more, `thimble control approve CONTROL`, and name that end: --until."},
    Step{
        "server.second_person",
        "Ask somebody else with the action approve; `thimble users` shows who can."},
    Step{
        "server.approved_already",
        "Nothing more is needed of you; `thimble rollout show ROLLOUT` says what it waits for.\n  "
        "To sign it, too: --sign KEY."},
    Step{
        "client.short_digest",
        "`thimble rollout approve ROLLOUT`, or `thimble control approve CONTROL`, shows what is "
        "to be\n  approved, and the digest to name."},
    Step{
        "server.bad_control",
        "docs/formats/control.md has every member; `thimble control preview FILE` shows what "
        "it would put up."},
    Step{
        "inventory.no_system",
        "Is that the root of a system? `--root DIR` names another directory."},
    Step{
        "apply.cannot_read",
        "Is the path right, and may you read it? `thimble patch plan` writes plans."},
    Step{
        "catalog.missing",
        "Run `thimble feeds sync`, or `thimble catalog build --feed NAME=FILE --output FILE`."},
    Step{
        "shield.no_program",
        "Install the package that has it (nftables, auditd, systemd), then once more."},
    Step{"shield.no_unit", "`systemctl list-unit-files` shows the units of this host."},
    Step{
        "shield.unreachable",
        "Is that server up, and `keep` of the document right? Mend it, then once more."},
    Step{
        "shield.cut_off",
        "Add what the host must reach to `keep` of the document, then once more."},
    Step{"shield.built_in", "Switch off what uses it: `disable_unit`, or a `sysctl`."},
    Step{"shield.no_dpkg", "Switch its service off instead: `disable_unit`."},
    Step{"shield.nothing_listens", "`ss -lntup` shows what listens: name its --package or --port."},
    Step{"shield.no_space", "`ip netns list` shows those that there are."},
    Step{"shield.no_answer", "Is the service up? `ss -lntup` shows where it listens."},
    Step{"shield.other_document", "`thimble control installed` lists them with their digests."},
    Step{"shield.program_failed", "`thimble control preview FILE` shows what it was to take."},
    Step{"shield.package_manager", "Run `apt-get -s remove PACKAGE`: what does it say?"},
    Step{"cli.state_full", kStepOfFullState},
    Step{"cli.state_closed", kStepOfClosedState},
};

std::string_view next_step(const Error& error) {
    for (const Error* at = &error; at != nullptr; at = at->cause.get()) {
        for (const Step& step : kSteps) {
            if (at->code == step.code) {
                return step.next;
            }
        }
    }
    return {};
}

/// A step as it is where nobody breaks lines.
std::string one_line(std::string_view next) {
    std::string line;
    for (const char c : next) {
        const bool is_blank = c == ' ' || c == '\n';
        if (!is_blank || !line.ends_with(' ')) {
            line += is_blank ? ' ' : c;
        }
    }
    return line;
}

}  // namespace

void tell(std::ostream& err, std::string_view sentence) {
    const std::string line = "thimble: " + printable(sentence, sentence.size()) + "\n";
    erase_line(err);
    err << (AimedLines::leaves_wide(err) ? narrowed_around_commands(line) : line);
}

int complain(std::ostream& err, const Error& error) {
    return complain(err, error, {});
}

int complain(std::ostream& err, const Error& error, std::string_view better) {
    const std::string_view next = better.empty() ? next_step(error) : better;
    const std::string message = printable(error.text());
    note_error(
        err,
        {.code = error.code,
         .message = AimedLines::aimed(err, message),
         .next = AimedLines::aimed(err, next.empty() ? step_in(message) : one_line(next))});
    tell(err, message + " [" + error.code + "]");
    if (!next.empty()) {
        const bool wraps = AimedLines::leaves_wide(err);
        err
            << (wraps ? wrapped_text(next, {.first = "  ", .further = "  "})
                      : "  " + std::string(next) + "\n");
    }
    if (error.code == "cli.state_full") {
        return kCannotWrite;
    }
    switch (error.kind) {
        case ErrorKind::NotFound: return kNoInput;
        case ErrorKind::Invalid: return kUsage;
        case ErrorKind::Conflict: return kConflict;
        case ErrorKind::Unavailable: return kUnavailable;
        case ErrorKind::Denied: return kDenied;
        case ErrorKind::Corrupt:
        case ErrorKind::Unsupported: return kBadInput;
        case ErrorKind::Internal: return kInternal;
    }
    return kInternal;
}

int complain_unwritten(std::ostream& err, const Error& error) {
    const int status = complain(err, error);
    return status == kBadInput ? status : kCannotWrite;
}

void warn(std::ostream& err, std::span<const std::string> warnings) {
    for (const std::string& warning : warnings) {
        tell(err, "note: " + printable(warning));
    }
}

}  // namespace thimble::cli
