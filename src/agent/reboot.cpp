#include "thimble/agent/reboot.hpp"

#include "thimble/agent/state_file.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/run_command.hpp"

#include <thread>
#include <utility>

namespace thimble::agent {
namespace {

constexpr std::size_t kMaxFactBytes = 256;
constexpr std::size_t kMaxMarkBytes = 4096;
constexpr std::size_t kMaxWhyBytes = 1000;
constexpr std::size_t kMaxOutputBytes = std::size_t{64} << 10;
constexpr std::chrono::minutes kAskedWithin{2};
constexpr std::chrono::milliseconds kBetweenLooks{500};

std::string fact(host::Host& host, const char* path) {
    const auto text = host.read_file(path, kMaxFactBytes);
    return text ? printable(text->substr(0, text->find_first_of("\n "))) : std::string();
}

RebootEnd refused(Boot before, int exit_status, std::string why) {
    RebootEnd end;
    end.exit_status = exit_status;
    end.before = std::move(before);
    end.why = std::move(why);
    return end;
}

/// Until another boot is seen, or time is up. The machine that goes down ends this program within.
RebootEnd await(host::Host& host, Boot before, std::chrono::milliseconds patience) {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    for (;;) {
        RebootEnd end;
        end.before = before;
        end.after = read_boot(host);
        end.has_restarted = !end.after.id.empty() && end.after.id != before.id;
        if (end.has_restarted) {
            return end;
        }
        if (std::chrono::steady_clock::now() >= give_up) {
            return refused(
                std::move(before), -1, "the machine was told to restart, and is up since before");
        }
        std::this_thread::sleep_for(std::min(kBetweenLooks, patience));
    }
}

/// Whether there is a logind that should answer: systemd runs, and has it. @source sd_booted(3)
bool has_logind(host::Host& host) {
    return host.look("/run/systemd/system", host::Follow::Yes)
        && (host.look("/usr/lib/systemd/systemd-logind", host::Follow::Yes)
            || host.look("/lib/systemd/systemd-logind", host::Follow::Yes));
}

/// Why no restart may be asked for; empty: nothing is against it.
std::string inhibited_by(host::Host& host, const RebootMeans& means) {
    if (means.inhibitors.empty()) {
        return {};
    }
    switch (host::shutdown_inhibition(means.inhibitors, kAskedWithin)) {
        case host::Inhibition::None: return {};
        case host::Inhibition::Inhibited:
            return "something inhibits a restart; see: systemd-inhibit --list";
        case host::Inhibition::Unknown: break;
    }
    return has_logind(host) ? "whether something inhibits a restart cannot be told: logind does "
                              "not answer; see: systemctl "
                              "status systemd-logind"
                            : "";
}

}  // namespace

Boot read_boot(host::Host& host) {
    return {
        .id = fact(host, "/proc/sys/kernel/random/boot_id"),
        .kernel = fact(host, "/proc/sys/kernel/osrelease")};
}

std::string format_reboot_mark(const RebootMark& mark) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("job", mark.job).member("boot", mark.boot).close_object();
    return text;
}

Result<RebootMark> parse_reboot_mark(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    RebootMark mark{.job = members.text("job"), .boot = members.text("boot")};
    THIMBLE_TRY(members.done());
    return mark;
}

RebootEnd reboot(
    host::Host& host,
    const RebootMeans& means,
    const std::string& job,
    const std::filesystem::path& mark_file) {
    Boot before = read_boot(host);
    if (before.id.empty()) {
        return refused({}, -1, "the id of the boot cannot be read, so no restart could be proven");
    }
    if (std::string why = inhibited_by(host, means); !why.empty()) {
        return refused(std::move(before), -1, std::move(why));
    }
    const auto marked =
        write_state_file(mark_file, format_reboot_mark({.job = job, .boot = before.id}));
    if (!marked) {
        return refused(std::move(before), -1, marked.error().text());
    }
    const auto asked = host::run_command(
        {.argv = means.program,
         .timeout = kAskedWithin,
         .output_limit = kMaxOutputBytes,
         .overflow = host::Overflow::Drop,
         .own_session = true});
    if (!asked) {
        return refused(std::move(before), -1, asked.error().text());
    }
    if (asked->exit_status != 0) {
        const std::string& said = asked->errors.empty() ? asked->output : asked->errors;
        return refused(
            std::move(before),
            asked->exit_status,
            means.program.front() + " failed: " + printable(said, kMaxWhyBytes));
    }
    return await(host, std::move(before), means.patience);
}

RebootEnd rebooted(
    host::Host& host,
    std::chrono::milliseconds patience,
    const std::string& job,
    const std::filesystem::path& mark_file) {
    const auto text = read_state_file(mark_file, kMaxMarkBytes);
    const auto mark = text ? parse_reboot_mark(*text) : Result<RebootMark>(text.error());
    if (!mark || mark->job != job) {
        return refused(read_boot(host), -1, "it was ended before it asked for a restart");
    }
    return await(host, {.id = mark->boot, .kernel = ""}, patience);
}

}  // namespace thimble::agent
