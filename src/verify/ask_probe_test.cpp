#include "thimble/host/enclosure.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/host/scratch_folder_test.hpp"
#include "thimble/verify/read_health.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace thimble::verify {
namespace {

/// HTTP on a port of IPv4 and on one of IPv6: 204 for the one name that it knows, 500 for others.
constexpr const char* kServer =
    "import http.server, socket, sys, threading\n"
    "class Answer(http.server.BaseHTTPRequestHandler):\n"
    "    def do_GET(self):\n"
    "        wanted = self.headers['Host'] == 'web.example:8481'\n"
    "        self.send_response(204 if wanted else 500)\n"
    "        self.end_headers()\n"
    "class Wide(http.server.HTTPServer):\n"
    "    address_family = socket.AF_INET6\n"
    "servers = [http.server.HTTPServer(('127.0.0.1', 8481), Answer), Wide(('::1', 8482), Answer)]\n"
    "for server in servers:\n"
    "    threading.Thread(target=server.serve_forever).start()\n"
    "print('ready', flush=True)\n";

model::HealthProbe probe(model::ProbeKind kind, std::string target) {
    return {"p", kind, std::move(target), {}, std::chrono::seconds(5)};
}

TEST(AskProbe, SaysThatACommandWasNotAskedWhereNothingIsExecuted) {
    const auto root = host::RootHost::open("/");
    ASSERT_TRUE(root.has_value());
    model::HealthProbe command = probe(model::ProbeKind::Command, "");
    command.argv = {"/bin/true"};

    const ProbeResult result = ask_probe(**root, command);

    EXPECT_FALSE(result.asked);
    EXPECT_FALSE(result.passed);
    EXPECT_NE(result.detail.find("executed"), std::string::npos) << result.detail;
}

/// A clone of this machine with the server in it.
class AskProbeInCloneTest : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string reason = host::why_no_enclosure(); !reason.empty()) {
            GTEST_SKIP() << reason;
        }
        auto clone = host::Enclosure::open(
            {.root = "/", .work = scratch_.path + "/work", .masked = {}, .binds = {}});
        ASSERT_TRUE(clone.has_value()) << clone.error().text();
        clone_ = *std::move(clone);
        auto server = clone_->start({.argv = {"python3", "-c", kServer}});
        ASSERT_TRUE(server.has_value()) << server.error().text();
        server_ = *std::move(server);
        constexpr std::chrono::seconds kPatience{60};
        const auto give_up = std::chrono::steady_clock::now() + kPatience;
        const auto is_ready = [&] {
            return server_->output(100).find("ready") != std::string::npos;
        };
        while (server_->is_running() && !is_ready()) {
            ASSERT_LT(std::chrono::steady_clock::now(), give_up)
                << "no server within a minute: " << server_->output(1000);
            ::usleep(10'000);
        }
        ASSERT_TRUE(server_->is_running()) << server_->output(1000);
    }

    host::ScratchFolder scratch_;
    std::unique_ptr<host::Enclosure> clone_;
    std::unique_ptr<host::BackgroundProgram> server_;
};

TEST_F(AskProbeInCloneTest, ConnectsToItsLoopbackWhateverHostIsNamed) {
    const auto asked =
        ask_probe(*clone_, probe(model::ProbeKind::Http, "http://web.example:8481/"));

    EXPECT_TRUE(asked.passed) << asked.detail;
    EXPECT_EQ(asked.detail, "HTTP 204");
    EXPECT_TRUE(ask_probe(*clone_, probe(model::ProbeKind::Tcp, "web.example:8481")).passed);
    EXPECT_TRUE(ask_probe(*clone_, probe(model::ProbeKind::Tcp, "127.0.0.1:8482")).passed);
    EXPECT_EQ(
        ask_probe(*clone_, probe(model::ProbeKind::Http, "http://[::1]:8482/")).detail, "HTTP 500");
    EXPECT_FALSE(ask_probe(*clone_, probe(model::ProbeKind::Tcp, "127.0.0.1:8483")).passed);
}

TEST_F(AskProbeInCloneTest, AsksNothingOfThisMachine) {
    const host::Descriptor ours(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = static_cast<sockaddr*>(static_cast<void*>(&address));
    socklen_t length = sizeof address;
    ASSERT_EQ(::bind(ours.number(), generic, length), 0);
    ASSERT_EQ(::listen(ours.number(), 1), 0);
    ASSERT_EQ(::getsockname(ours.number(), generic, &length), 0);
    const auto there =
        probe(model::ProbeKind::Tcp, "127.0.0.1:" + std::to_string(ntohs(address.sin_port)));

    EXPECT_FALSE(ask_probe(*clone_, there).passed);
    EXPECT_TRUE(ask_probe(static_cast<host::Host&>(*clone_), there).passed);
}

}  // namespace
}  // namespace thimble::verify
