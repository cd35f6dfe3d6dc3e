#include "thimble/agent/relay.hpp"

#include "thimble/agent/agent_run.hpp"
#include "thimble/agent/https_exchange.hpp"
#include "thimble/agent/ssh_reach.hpp"
#include "thimble/agent/state_file.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace thimble::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kBetweenLooks{15};
constexpr std::chrono::minutes kBeforeAnotherTry{5};
constexpr std::size_t kMaxHosts = 10'000;
constexpr auto kForever = std::chrono::steady_clock::time_point::max();

/// Folders of hosts that have enrolled, by name.
std::vector<fs::path> host_folders(const fs::path& relay) {
    std::vector<fs::path> folders;
    std::error_code failed;
    for (fs::directory_iterator entry(relay, failed);
         !failed && entry != fs::directory_iterator() && folders.size() < kMaxHosts;
         entry.increment(failed)) {
        std::error_code ignored;
        if (fs::exists(AgentFolder{entry->path()}.server(), ignored)) {
            folders.push_back(entry->path());
        }
    }
    std::ranges::sort(folders);
    return folders;
}

/// The threads of a relay, and who has ended.
class Hosts {
public:
    using Complain = std::function<void(const std::string&, const Error&)>;

    Hosts(RelayMeans& means, const Clock& clock, const Complain& complain)
        : means_(means), clock_(clock), complain_(complain) {}

    /// Begins with those of `folders` that do not run; one that has ended rests for a while first.
    void begin(const std::vector<fs::path>& folders) {
        const auto now = std::chrono::steady_clock::now();
        for (const fs::path& folder : folders) {
            const std::scoped_lock lock(mutex_);
            const auto known = rests_until_.find(folder);
            if (known != rests_until_.end() && now < known->second) {
                continue;
            }
            if (start_thread(folder)) {
                rests_until_.insert_or_assign(folder, kForever);
            } else {
                rests_until_.insert_or_assign(folder, now + kBeforeAnotherTry);
            }
        }
    }

    Result<void> check_in_once(const fs::path& folder) {
        auto run = open(folder);
        const Result<void> done = run ? run->check_in_once() : Result<void>(run.error());
        if (!done) {
            tell(folder, done.error());
        }
        return done;
    }

private:
    /// @return whether there is one
    bool start_thread(const fs::path& folder) {
        try {
            std::thread([this, folder] {
                const auto ended = serve(folder);
                tell(folder, ended.error());
                const std::scoped_lock lock(mutex_);
                rests_until_.insert_or_assign(
                    folder, std::chrono::steady_clock::now() + kBeforeAnotherTry);
            }).detach();
            return true;
        } catch (const std::system_error& error) {
            tell(folder, failure(ErrorKind::Unavailable, "agent.no_thread", error.what()));
            return false;
        }
    }

    Result<AgentRun> open(const fs::path& folder) {
        THIMBLE_TRY(SshDoor door, SshDoor::open({folder}));
        return AgentRun::open(
            {.folder = {folder}, .reach = std::make_unique<SshReach>(std::move(door), means_)},
            clock_,
            [this, folder](const Error& error) { tell(folder, error); });
    }

    /// @return why it has ended
    Result<void> serve(const fs::path& folder) {
        THIMBLE_TRY(AgentRun run, open(folder));
        return run.run();
    }

    void tell(const fs::path& folder, const Error& error) {
        const std::scoped_lock lock(telling_);
        complain_(folder.filename().string(), error);
    }

    RelayMeans& means_;
    const Clock& clock_;
    const Complain& complain_;
    std::mutex telling_;
    std::mutex mutex_;
    /// Of each host that was begun; for ever: it runs.
    std::map<fs::path, std::chrono::steady_clock::time_point> rests_until_;
};

Result<void> check_in_each(const std::vector<fs::path>& folders, Hosts& hosts) {
    Result<void> all;
    for (const fs::path& folder : folders) {
        const auto done = hosts.check_in_once(folder);
        all = all ? done : all;
    }
    return all;
}

}  // namespace

Result<void> run_relay(
    const RelayOptions& options,
    const Clock& clock,
    const std::function<void(const std::string&, const Error&)>& complain) {
    THIMBLE_TRY(Delivery delivery, gather_delivery());
    // Before any thread: libcurl's own beginning is not for two at once.
    make_https_handle();
    RelayMeans means(std::move(delivery), options.at_once);
    Hosts hosts(means, clock, complain);
    if (options.once) {
        return check_in_each(host_folders(options.folder), hosts);
    }
    for (;;) {
        hosts.begin(host_folders(options.folder));
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

}  // namespace thimble::agent
