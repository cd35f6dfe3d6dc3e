// thimble-loadgen: agents by the thousand, from one thread. Not installed.
#include "load.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace {

using thimble::Result;
namespace loadgen = thimble::loadgen;

struct Options {
    loadgen::ServerAddress server{"127.0.0.1", 8443, ""};
    std::string identities;
    std::string token;
    std::string packages;
    std::size_t lists = 40;
    std::size_t length = 700;
    loadgen::EnrolLoad enrol{1000, 32, {}};
    loadgen::CheckInLoad check_in{1000, 64, 0, std::chrono::seconds(10), 0};
    long seconds = 10;
};

Result<void> enrol(Options& options) {
    THIMBLE_TRY(options.enrol.token, thimble::protocol::parse_enrolment_token(options.token));
    std::vector<thimble::model::InstalledPackage> packages;
    if (options.packages.empty()) {
        packages = loadgen::made_up_packages(5000);
        fmt::print("no --packages: the packages are made up\n");
    } else {
        THIMBLE_TRY(packages, loadgen::read_packages(options.packages));
    }
    const loadgen::HostDocuments documents(packages, options.lists, options.length);
    THIMBLE_TRY(
        const auto identities, loadgen::enrol_hosts(options.server, options.enrol, documents));
    return loadgen::write_identities(options.identities, identities);
}

Result<void> check_in(Options& options) {
    THIMBLE_TRY(const auto identities, loadgen::read_identities(options.identities));
    options.check_in.time = std::chrono::seconds(options.seconds);
    options.check_in.connections = std::min(options.check_in.connections, identities.size());
    return loadgen::check_in(options.server, options.check_in, identities);
}

void declare(CLI::App& app, Options& options) {
    app.add_option("--host", options.server.host, "IPv4 address of the server");
    app.add_option("--port", options.server.port, "Its port")->required();
    app.add_option("--authority", options.server.authority, "Its authority, PEM")->required();
    app.add_option("--identities", options.identities, "File of the agents' keys")->required();
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Agents by the thousand");
    app.require_subcommand(1);
    CLI::App* enrolling = app.add_subcommand("enrol", "Enrol hosts and send what they have");
    declare(*enrolling, options);
    enrolling->add_option("--token", options.token, "A reusable enrolment token")->required();
    enrolling->add_option("--hosts", options.enrol.hosts, "How many");
    enrolling->add_option("--busy", options.enrol.busy, "How many at once");
    enrolling->add_option(
        "--packages", options.packages, "Packages index or status file of Debian");
    enrolling->add_option("--lists", options.lists, "Different package lists");
    enrolling->add_option("--length", options.length, "Packages of a list");
    CLI::App* checking_in = app.add_subcommand("check-in", "Check in without change");
    declare(*checking_in, options);
    checking_in->add_option("--connections", options.check_in.connections, "Kept open");
    checking_in->add_option("--busy", options.check_in.busy, "Requests at once");
    checking_in->add_option("--rate", options.check_in.rate, "Requests per second instead");
    checking_in->add_option("--seconds", options.seconds, "How long");
    checking_in->add_option(
        "--server-process", options.check_in.server_process, "Whose processor time is told");
    CLI11_PARSE(app, argc, argv);

    const auto done = *enrolling ? enrol(options) : check_in(options);
    if (!done) {
        fmt::print(stderr, "thimble-loadgen: {}\n", done.error().text());
        return 1;
    }
    return 0;
}
