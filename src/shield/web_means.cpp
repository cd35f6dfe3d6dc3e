#include "thimble/base/hex.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/inventory/listeners.hpp"
#include "thimble/mitigate/proof.hpp"
#include "thimble/shield/control_means.hpp"
#include "thimble/shield/engine_settings.hpp"
#include "thimble/shield/http_ask.hpp"
#include "thimble/shield/owned_file.hpp"
#include "thimble/shield/segmentation_proposal.hpp"
#include "thimble/shield/system_program.hpp"
#include "thimble/shield/web_rules.hpp"

#include <glob.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <system_error>
#include <thread>
#include <utility>

namespace thimble::shield {
namespace {

namespace fs = std::filesystem;
using mitigate::RequestSample;
using mitigate::ShieldMode;
using mitigate::VirtualPatchDelivery;

constexpr int kForbidden = 403;
constexpr int kFirstRefusal = 400;
constexpr int kServerError = 500;
constexpr std::size_t kMostSamples = 20;  // of each kind, at each look
constexpr std::chrono::seconds kReloadPatience{10};
constexpr int kSteadyLooks = 3;
constexpr std::chrono::milliseconds kBetweenLooks{50};
constexpr std::chrono::milliseconds kLogPatience{1000};
constexpr std::size_t kMostIncluded = 200;  // files of settings of an engine
constexpr std::uintmax_t kMostLog = std::uintmax_t{16} << 20U;

std::string new_mark() {
    std::array<unsigned char, 12> bytes{};
    THIMBLE_CHECK(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    return "thimble-" + hex_of(bytes);
}

/// How a live service answered a request, and what the log says of it.
struct Asked {
    int status = 0;  ///< 0: no answer
    LoggedRequest logged;
};

std::string words_of(const Asked& asked) {
    std::string words = asked.status == 0 ? "no answer" : std::to_string(asked.status);
    if (asked.logged.rule) {
        words += ", rule " + std::to_string(*asked.logged.rule);
    } else if (!asked.logged.denied_by.empty()) {
        words += ", stopped by rule " + asked.logged.denied_by + ", which is not of the patch";
    }
    return words;
}

/// The files that a pattern of a settings file means, sorted.
std::vector<std::string> paths_like(const std::string& pattern) {
    glob_t found{};
    std::vector<std::string> paths;
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
        paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    }
    ::globfree(&found);
    return paths;
}

/// All names in a folder; none where it is not there.
Result<std::vector<std::string>> names_in(std::string_view folder) {
    auto names = host::LocalHost().list(folder);
    if (!names && names.error().kind == ErrorKind::NotFound) {
        return std::vector<std::string>{};
    }
    return names;
}

class WebMeans final : public ControlMeans {
public:
    WebMeans(std::string id, VirtualPatchDelivery delivery)
        : id_(std::move(id)),
          delivery_(std::move(delivery)),
          ways_(ways_of(delivery_.server)),
          service_{
              delivery_.address,
              delivery_.port,
              delivery_.host.empty() ? delivery_.address : delivery_.host} {}

    Result<std::vector<FormerState>> remember() override {
        THIMBLE_TRY(output_of(ways_.test));
        THIMBLE_TRY(const bool has_engine, host_has_engine());
        THIMBLE_TRY(
            const int status, ask_service(service_, delivery_.patch.attacks.front(), new_mark()));
        return std::vector<FormerState>{
            {"engine", has_engine ? "own" : ""},
            {"log", has_engine ? own_log() : std::string(kMatchLog)},
            {"attack", std::to_string(status)}};
    }

    Result<void> put_up(ControlRecord& record) override {
        THIMBLE_TRY(const mitigate::Proof proof, mitigate::prove(delivery_.patch, [] {
                        return std::chrono::steady_clock::now().time_since_epoch();
                    }));
        if (!proof.holds()) {
            return failure(
                ErrorKind::Invalid,
                "shield.no_proof",
                "the virtual patch does not hold on the engine of this host: see thimble control "
                "virtual-patch");
        }
        THIMBLE_TRY(auto files, web_files(id_, delivery_));
        if (former(record, "engine").empty()) {
            std::ranges::move(engine_files(delivery_.server), std::back_inserter(files));
            THIMBLE_TRY(make_match_log());
        }
        for (const OwnedFile& file : files) {
            THIMBLE_TRY(write_owned(file));
        }
        THIMBLE_TRY(output_of(ways_.test));
        THIMBLE_TRY(output_of(ways_.reload));
        wait_for_reload([&] {
            const Asked asked = ask(record, delivery_.patch.attacks.front());
            return is_shielded(record, asked) || !asked.logged.denied_by.empty();
        });
        return {};
    }

    void look(const ControlRecord& record, ControlReport& report) override {
        if (const auto files = web_files(id_, delivery_)) {
            std::ranges::transform(*files, std::back_inserter(report.checks), look_at_owned);
        }
        const auto tested = output_of(ways_.test);
        report.checks.push_back(
            {.name = "configuration test",
             .expected = "passed",
             .seen = tested ? "passed" : tested.error().text(),
             .passed = tested.has_value()});
        for_each_sample(delivery_.patch.attacks, "attack ", [&](const auto& name, const auto& one) {
            report.checks.push_back(check_attack(record, name, one));
        });
        for_each_sample(delivery_.patch.benign, "benign ", [&](const auto& name, const auto& one) {
            const Asked asked = ask(one);
            report.checks.push_back(
                {.name = name,
                 .expected = "answered, and not 403",
                 .seen = words_of(asked),
                 .passed = asked.status != 0 && asked.status != kForbidden
                     && asked.status < kServerError});
        });
        look_for_bypass(report);
        shorten_log();
    }

    Result<void> take_away(const ControlRecord& record) override {
        THIMBLE_TRY(const auto files, web_files(id_, delivery_));
        // The file that includes goes first: what it includes must not be missing, whoever reads meanwhile.
        for (auto file = files.rbegin(); file != files.rend(); ++file) {
            THIMBLE_TRY(remove_owned(file->path));
        }
        if (!stands_another()) {
            const auto engine = engine_files(delivery_.server);
            for (auto file = engine.rbegin(); file != engine.rend(); ++file) {
                THIMBLE_TRY(remove_owned(file->path));
            }
        }
        THIMBLE_TRY(output_of(ways_.test));
        THIMBLE_TRY(output_of(ways_.reload));
        wait_for_reload(
            [&] { return is_open_again(record, ask(record, delivery_.patch.attacks.front())); });
        return {};
    }

    void look_for(const ControlRecord& record, ControlReport& report) override {
        const auto files = web_files(id_, delivery_);
        const bool has_files = files && std::ranges::any_of(*files, [](const OwnedFile& file) {
                                   std::error_code unknown;
                                   return fs::exists(file.path, unknown) || unknown;
                               });
        report.checks.push_back(
            {.name = "files",
             .expected = "none",
             .seen = has_files ? "some are left" : "none",
             .passed = !has_files});
        const Asked asked = ask(record, delivery_.patch.attacks.front());
        ControlCheck check{
            .name = "attack 1",
            .expected = "not stopped by this control",
            .seen = words_of(asked),
            .passed = is_open_again(record, asked)};
        if (asked.status == 0) {
            check.passed.reset();
        }
        report.checks.push_back(std::move(check));
    }

    Result<void> restore(const ControlRecord& /*record*/) override { return {}; }  // files stay

private:
    [[nodiscard]] Result<bool> host_has_engine() const {
        if (!ways_.settings.empty()) {
            THIMBLE_TRY(const std::string settings, output_of(ways_.settings));
            return has_own_engine(settings);
        }
        // Debian's Apache reads these where there are any.
        THIMBLE_TRY(const auto names, names_in("/etc/modsecurity"));
        return std::ranges::any_of(
            names, [](const std::string& name) { return name.ends_with(".conf"); });
    }

    /// Of an engine of the host's own settings; empty: nothing can be read from it.
    [[nodiscard]] std::string own_log() const {
        EngineSettings found;
        if (ways_.settings.empty()) {
            found.included = {"/etc/modsecurity/*.conf"};
        } else if (const auto settings = output_of(ways_.settings)) {
            add_engine_settings(found, *settings);
        }
        for (std::size_t at = 0; at < std::min(found.included.size(), kMostIncluded); ++at) {
            const fs::path pattern = fs::path(ways_.folder) / found.included[at];
            for (const std::string& path : paths_like(pattern.string())) {
                if (const auto text = text_of(path)) {
                    add_engine_settings(found, *text);
                }
            }
        }
        return readable_log(found);
    }

    /// Whether a virtual patch other than this one includes rules.
    [[nodiscard]] bool stands_another() const {
        const auto names = names_in(ways_.snippets);
        return !names || std::ranges::any_of(*names, [](const std::string& name) {
            return name.starts_with("thimble-") && name.ends_with(".conf");
        });
    }

    static Result<void> make_match_log() {
        const fs::path log(kMatchLog);
        std::error_code failed;
        fs::create_directories(log.parent_path(), failed);
        fs::permissions(log.parent_path(), fs::perms(0750), failed);
        if (failed) {
            return host::system_error(failed.value(), log.string());
        }
        return {};
    }

    /// Attacks by the thousand must not fill the disk.
    static void shorten_log() {
        std::error_code failed;
        if (fs::file_size(kMatchLog, failed) > kMostLog && !failed) {
            fs::resize_file(kMatchLog, 0, failed);
        }
    }

    [[nodiscard]] Asked ask(const RequestSample& sample) const {
        const auto status = ask_service(service_, sample, new_mark());
        return {.status = status ? *status : 0, .logged = {}};
    }

    /// What should match is looked for in the log for a while: a server writes it when it has answered.
    [[nodiscard]] Asked ask(const ControlRecord& record, const RequestSample& sample) const {
        const std::string log = log_of(record);
        if (log.empty()) {
            return ask(sample);
        }
        const std::string mark = new_mark();
        const std::size_t before = size_of(log);
        const auto status = ask_service(service_, sample, mark);
        Asked asked{.status = status ? *status : 0, .logged = {}};
        const auto give_up = std::chrono::steady_clock::now() + kLogPatience;
        while (asked.logged == LoggedRequest() && std::chrono::steady_clock::now() < give_up) {
            asked.logged = logged_request(written_since(log, before), mark, delivery_.patch);
            if (asked.logged == LoggedRequest()) {
                std::this_thread::sleep_for(kBetweenLooks);
            }
        }
        return asked;
    }

    /// Where marks and rules are found; empty: the engine is the host's own, and its log cannot be read.
    [[nodiscard]] static std::string log_of(const ControlRecord& record) {
        return former(record, "log");
    }

    /// Without a log a 403 must do.
    [[nodiscard]] bool is_shielded(const ControlRecord& record, const Asked& asked) const {
        const bool is_logged = asked.logged.rule.has_value() || log_of(record).empty();
        return is_logged && (asked.status == kForbidden || delivery_.mode == ShieldMode::Detect);
    }

    /// Something else may have stopped the attack all along.
    [[nodiscard]] static bool is_open_again(const ControlRecord& record, const Asked& asked) {
        return !asked.logged.rule
            && (asked.status != kForbidden
                || former(record, "attack") == std::to_string(kForbidden));
    }

    [[nodiscard]] ControlCheck check_attack(
        const ControlRecord& record, const std::string& name, const RequestSample& sample) const {
        const bool blocks = delivery_.mode == ShieldMode::Block;
        const Asked asked = ask(record, sample);
        ControlCheck check{
            .name = name,
            .expected = blocks ? "403 by a rule of the patch" : "seen by a rule of the patch",
            .seen = words_of(asked),
            .passed = is_shielded(record, asked)};
        const bool is_old_news = check.passed == std::optional(true)
            && former(record, "attack") == std::to_string(kForbidden);
        if (log_of(record).empty() && (!blocks || is_old_news)) {
            check.seen += "; the engine and its log are the host's own, and do not tell";
            check.passed.reset();
        } else if (
            !former(record, "engine").empty() && !asked.logged.rule
            && !asked.logged.denied_by.empty()) {
            // A rule of the owner comes first: whether ours would stop it nobody knows.
            check.passed.reset();
        }
        return check;
    }

    void look_for_bypass(ControlReport& report) const {
        for (const std::uint16_t port : delivery_.bypass_ports) {
            const auto status = ask_service(
                {service_.address, port, service_.host},
                delivery_.patch.attacks.front(),
                new_mark());
            if (status && *status != kForbidden) {
                report.bypass.push_back(
                    "port " + std::to_string(port) + " answers the attack with "
                    + std::to_string(*status));
            }
        }
        for (const model::Listener& socket : other_sockets_of_service()) {
            const auto status = ask_service(
                {is_any(socket.address) ? service_.address : socket.address,
                 socket.port,
                 service_.host},
                delivery_.patch.attacks.front(),
                new_mark());
            // A port of TLS or of something else refuses the request itself; that leads nowhere.
            if (status && *status < kFirstRefusal) {
                report.bypass.push_back(
                    "port " + std::to_string(socket.port) + " of " + socket.command
                    + ", which was not named, answers the attack with " + std::to_string(*status));
            }
        }
    }

    static bool is_any(std::string_view address) { return address == "0.0.0.0" || address == "::"; }

    [[nodiscard]] std::vector<model::Listener> other_sockets_of_service() const {
        host::LocalHost host;
        model::Inventory inventory;
        inventory::read_listeners(host, inventory);
        return other_sockets(inventory.listeners, delivery_.port, delivery_.bypass_ports);
    }

    static void for_each_sample(
        const std::vector<RequestSample>& samples,
        const std::string& kind,
        const std::function<void(const std::string&, const RequestSample&)>& use) {
        for (std::size_t at = 0; at < std::min(samples.size(), kMostSamples); ++at) {
            use(kind + std::to_string(at + 1), samples[at]);
        }
    }

    /// A reload goes on after the program that asked for it has ended, and for a moment old and new processes both answer.
    static void wait_for_reload(const std::function<bool()>& is_so) {
        const auto give_up = std::chrono::steady_clock::now() + kReloadPatience;
        for (int in_a_row = 0;
             in_a_row < kSteadyLooks && std::chrono::steady_clock::now() < give_up;) {
            in_a_row = is_so() ? in_a_row + 1 : 0;
            std::this_thread::sleep_for(kBetweenLooks);
        }
    }

    std::string id_;
    VirtualPatchDelivery delivery_;
    const WebServerWays& ways_;
    AskedService service_;
};

}  // namespace

std::unique_ptr<ControlMeans> web_means(
    const std::string& id, const VirtualPatchDelivery& delivery) {
    return std::make_unique<WebMeans>(id, delivery);
}

}  // namespace thimble::shield
