#include "thimble/verify/read_health.hpp"

#include "thimble/host/local_host.hpp"
#include "thimble/inventory/fake_host_test.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace thimble::verify {
namespace {

/// A server on a free port of the loopback that gives one HTTP answer.
class OneAnswer {
public:
    explicit OneAnswer(std::string answer)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof(address);
        // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): the sockets interface
        ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), length);
        ::listen(socket_, 4);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
        // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread([this, answer = std::move(answer)] {
            const int client = ::accept(socket_, nullptr, nullptr);
            std::string request(4096, '\0');
            if (!answer.empty() && ::recv(client, request.data(), request.size(), 0) > 0) {
                EXPECT_GT(::send(client, answer.data(), answer.size(), MSG_NOSIGNAL), 0);
            }
            ::close(client);
        });
    }
    ~OneAnswer() {
        ::shutdown(socket_, SHUT_RDWR);
        thread_.join();
        ::close(socket_);
    }
    OneAnswer(const OneAnswer&) = delete;
    OneAnswer& operator=(const OneAnswer&) = delete;
    OneAnswer(OneAnswer&&) = delete;
    OneAnswer& operator=(OneAnswer&&) = delete;

    [[nodiscard]] std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

private:
    int socket_;
    int port_ = 0;
    std::jthread thread_;
};

model::HealthProbe probe(model::ProbeKind kind, std::string target) {
    return {"p", kind, std::move(target), {}, std::chrono::seconds(5)};
}

TEST(AskProbe, TellsGoodFromBadAnswers) {
    host::LocalHost host;
    const OneAnswer good("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_TRUE(
        ask_probe(host, probe(model::ProbeKind::Http, "http://" + good.target() + "/")).passed);
    const OneAnswer bad("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    const auto failed =
        ask_probe(host, probe(model::ProbeKind::Http, "http://" + bad.target() + "/"));
    EXPECT_FALSE(failed.passed);
    EXPECT_EQ(failed.detail, "HTTP 500");
}

TEST(AskProbe, ConnectsOrSaysWhyNot) {
    host::LocalHost host;
    std::string target;
    {
        const OneAnswer silent("");
        target = silent.target();
        EXPECT_TRUE(ask_probe(host, probe(model::ProbeKind::Tcp, target)).passed);
    }
    const auto refused = ask_probe(host, probe(model::ProbeKind::Tcp, target));
    EXPECT_FALSE(refused.passed);
    EXPECT_FALSE(refused.detail.empty());
}

TEST(AskProbe, ReadsNoFileForHttp) {
    host::LocalHost host;
    EXPECT_FALSE(ask_probe(host, probe(model::ProbeKind::Http, "file:///etc/passwd")).passed);
}

TEST(AskProbe, RunsACommandWithoutAShell) {
    host::LocalHost host;
    model::HealthProbe command = probe(model::ProbeKind::Command, "");
    command.argv = {"test", "a;b", "=", "a;b"};
    EXPECT_TRUE(ask_probe(host, command).passed);
    command.argv = {"false"};
    EXPECT_EQ(ask_probe(host, command).detail, "exit status 1");
}

TEST(ReadHealth, AsksAServiceManagerOfOldForWhatItCanTell) {
    inventory::FakeHost host;
    host.infos["/run/systemd/system"] = {.type = host::FileType::Directory};
    std::string shown =
        "Id=sshd.service\nActiveState=active\nSubState=running\nNRestarts=2\n"
        "UnitFileState=enabled\nActiveEnterTimestampMonotonic=70\n\n"
        "Id=cold.service\nActiveState=inactive\nSubState=dead\nUnitFileState=enabled\n";
    host.on_run = [&](const host::Command& command) -> Result<host::Outcome> {
        const std::span words(command.argv);
        EXPECT_EQ(words[1], "show") << "systemd 239 gives no list of units but for people";
        EXPECT_NE(std::ranges::find(words, "--all"), words.end()) << "idle units count, too";
        const bool asks_units = std::ranges::find(words, "*.service") != words.end();
        return host::Outcome{
            .exit_status = 0, .output = asks_units ? shown : std::string(), .errors = {}};
    };

    const HealthSnapshot snapshot = read_unit_health(host);

    EXPECT_TRUE(snapshot.units_known && snapshot.records_known);
    const std::vector<UnitState> units{
        {"cold.service", "inactive", "dead"}, {"sshd.service", "active", "running"}};
    EXPECT_EQ(snapshot.units, units);
    const std::vector<UnitRecord> records{
        {"cold.service", 0, true, 0}, {"sshd.service", 2, true, 70}};
    EXPECT_EQ(snapshot.records, records);

    shown = "UNIT LOAD ACTIVE SUB\n";
    EXPECT_FALSE(read_unit_health(host).units_known) << "what is no answer tells nothing";
}

TEST(ReadHealth, SeesThisMachine) {
    host::LocalHost host;
    const HealthSnapshot snapshot = read_health(host, {});

    EXPECT_FALSE(snapshot.boot_id.empty());
    EXPECT_NE(snapshot.ephemeral, PortRange{});
    EXPECT_TRUE(is_healthy(compare_health(snapshot, snapshot)));
}

}  // namespace
}  // namespace thimble::verify
