#include "thimble/server/serve.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/server/catch_up.hpp"
#include "thimble/server/certificate_profile.hpp"
#include "thimble/server/data_folder.hpp"
#include "thimble/server/fleet_thread.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/https_server.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/rollout_thread.hpp"
#include "thimble/server/servers_thread.hpp"
#include "thimble/server/single_sign_on.hpp"
#include "thimble/store/jobs.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace thimble::server {
namespace {

constexpr const char* kKeysSetting = "server.keys";

Error other_keys() {
    return failure(
        ErrorKind::Conflict,
        "server.other_keys",
        "the database is used with other keys: copy authority.crt, authority.key and "
        "deployment.key from the folder keys of a server that uses it");
}

/// A server that joins others is given their keys; it makes none of its own.
Result<void> check_has_keys(store::Database& database, const DataFolder& folder) {
    THIMBLE_TRY(const std::string kept, database.look([](store::Connection& connection) {
        return store::setting(connection, kKeysSetting);
    }));
    std::error_code ignored;
    const bool has_keys = std::filesystem::exists(folder.keys() / "authority.key", ignored)
        && std::filesystem::exists(folder.keys() / "deployment.key", ignored);
    return kept.empty() || has_keys ? Result<void>() : other_keys();
}

/// The name of this machine; localhost when it has none that fits into a certificate.
std::string own_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || !is_certificate_name(name.data())) {
        return "localhost";
    }
    return name.data();
}

bool is_any(const std::string& address) {
    return address == "0.0.0.0" || address == "::";
}

/// The names that the server's certificate is for; the first is the one to show.
std::vector<std::string> names_of(const ServeOptions& options, const ListenAddress& listen) {
    std::vector<std::string> names = options.names;
    names.push_back(is_any(listen.address) ? own_name() : listen.address);
    for (const std::string& name :
         {own_name(), std::string("localhost"), std::string("127.0.0.1"), std::string("::1")}) {
        if (std::ranges::find(names, name) == names.end()) {
            names.push_back(name);
        }
    }
    return names;
}

std::string address_of(const std::string& name, std::uint16_t port) {
    const bool is_ipv6 = name.contains(':');
    return "https://" + (is_ipv6 ? "[" + name + "]" : name) + ":" + std::to_string(port);
}

/// Whether the keys here are those of the servers that used the database before: else agents that enrolled
/// there would not believe this one. The first server's are written down.
Result<void> check_same_keys(
    store::Connection& connection, const Authority& authority, const std::string& deployment_key) {
    const std::string own = authority.fingerprint() + " " + sha256_of(deployment_key);
    THIMBLE_TRY(const std::string kept, store::setting(connection, kKeysSetting));
    if (kept.empty()) {
        return store::set_setting(connection, kKeysSetting, own);
    }
    return kept == own ? Result<void>() : other_keys();
}

/// As long as nobody has a password: a new link for the administrator, who is made when missing.
/// @return empty when somebody can sign in
Result<std::string> first_link(Context& context, Instant now) {
    return change(
        context, now, [&](store::Connection& connection, Trail& trail) -> Result<std::string> {
            THIMBLE_TRY(const bool has_somebody, store::can_anybody_sign_in(connection));
            if (has_somebody) {
                return std::string();
            }
            THIMBLE_TRY(auto account, store::account_of_name(connection, "admin"));
            if (!account) {
                account =
                    store::Account{random_id(), "admin", store::Role::Administrator, "", now, {}};
                THIMBLE_TRY(store::add_account(connection, *account));
                THIMBLE_TRY(trail.note(
                    {"server",
                     "user.create",
                     account->id,
                     "",
                     R"({"name":"admin"})",
                     "first start"}));
            }
            THIMBLE_TRY(trail.note({"server", "link.create", account->id, "", "", "first start"}));
            return make_link(connection, context, *account, now);
        });
}

/// Prints the way in where nobody has one.
Result<void> offer_first_link(Context& context, Instant now, std::ostream& out) {
    THIMBLE_TRY(const std::string link, first_link(context, now));
    if (!link.empty()) {
        out << "Nobody can sign in yet. This link lets the administrator in, once, for 24 hours:\n "
               " "
            << link << '\n';
    }
    return {};
}

}  // namespace

Result<void> serve(
    const ServeOptions& options, const Clock& clock, std::ostream& out, std::ostream& err) {
    THIMBLE_TRY(
        const ListenAddress listen,
        parse_listen_address(options.listen.empty() ? "8443" : options.listen));
    THIMBLE_TRY(const DataFolder folder, DataFolder::open(options.data, DataFolder::Use::Alone));
    THIMBLE_TRY(const store::DatabaseAddress place, folder.database(options.database));
    THIMBLE_TRY(const auto alone, lock_database(place));
    THIMBLE_TRY(store::Database database, store::Database::open(place));
    if (database.is_shared()) {
        THIMBLE_TRY(check_has_keys(database, folder));
    }
    THIMBLE_TRY(const Authority authority, Authority::load_or_make(folder.keys(), clock.now()));
    std::string deployment_key = authority.deployment_public_key();
    if (database.is_shared()) {
        THIMBLE_TRY(database.transact([&](store::Connection& connection) {
            return check_same_keys(connection, authority, deployment_key);
        }));
    }
    const std::vector<std::string> names = names_of(options, listen);
    THIMBLE_TRY(const ServerIdentity identity, authority.server_identity(names, clock.now()));
    THIMBLE_TRY(HttpsServer server, HttpsServer::listen(listen, identity, authority.certificate()));

    Context context{
        database,
        authority,
        std::move(deployment_key),
        address_of(names.front(), server.port()),
        {},
        {},
        {},
        {},
        {}};
    context.server_id = random_id();
    context.machine = own_name() + ":" + std::to_string(server.port());
    THIMBLE_TRY(
        const std::unique_ptr<SingleSignOn> sign_on,
        open_single_sign_on(folder.path(), context.address));
    context.sign_on = sign_on.get();
    THIMBLE_TRY(database.look([&](store::Connection& connection) {
        return read_memory(context, connection, clock.now());
    }));
    THIMBLE_TRY(offer_first_link(context, clock.now(), out));
    // Last, so that who waits for it has seen all of it.
    out << "Thimble serves at " << context.address << '\n';
    out.flush();
    Synced<std::ostream*> errors(&err);
    const auto complain = [&errors](const std::string& line) {
        errors.with([&](std::ostream* to) { *to << "thimble: " << printable(line) << '\n'; });
    };
    std::error_code ignored;
    if (!std::filesystem::exists(options.catalog, ignored)) {
        complain(
            "there is no catalog at " + options.catalog.string()
            + ": every host is unknown until one is there (thimble feeds sync); it is looked for "
              "all the time");
    }
    database.when_found_again([&](store::Connection& connection) -> Result<void> {
        THIMBLE_TRY(read_memory(context, connection, clock.now()));
        context.wake();
        complain("the database is there again");
        return {};
    });
    const ServersThread others(context, clock, complain);  // ends last: judging needs the lead
    const FleetThread judging(context, clock, options.catalog, options.keep, complain);
    const RolloutThread rollouts(context, clock, complain);
    server.run(context, clock, complain);
    return {};
}

}  // namespace thimble::server
