#include "latencies.hpp"
#include "load.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <optional>

namespace thimble::loadgen {
namespace {

using Clock = std::chrono::steady_clock;

/// One host on its way in.
struct Newcomer {
    AgentIdentity identity;
    Document inventory;
    std::vector<const Document*> to_send;  ///< the last one first
};

class Enrolling {
public:
    Enrolling(Crowd& crowd, const EnrolLoad& load, const HostDocuments& documents)
        : crowd_(crowd), load_(load), documents_(documents), newcomers_(load.hosts) {}

    Result<std::vector<AgentIdentity>> run() {
        const auto begun = Clock::now();
        while (done_ < load_.hosts && !fault_) {
            while (begun_ < load_.hosts && begun_ - done_ < load_.busy) {
                crowd_.connect(begun_++, "", "");
            }
            crowd_.wait(1000, [this](const CrowdEvent& event) { take(event); });
        }
        if (fault_) {
            return *std::move(fault_);
        }
        const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
        fmt::print(
            "{} hosts enrolled in {:.1f} s: {:.0f} per second; {} documents sent, {:.1f} MiB\n",
            done_,
            seconds,
            static_cast<double>(done_) / seconds,
            sent_,
            static_cast<double>(sent_bytes_) / 1048576.0);
        std::vector<AgentIdentity> identities;
        identities.reserve(newcomers_.size());
        for (Newcomer& newcomer : newcomers_) {
            identities.push_back(std::move(newcomer.identity));
        }
        return identities;
    }

private:
    void take(const CrowdEvent& event) {
        Newcomer& newcomer = newcomers_[event.agent];
        switch (event.kind) {
            case CrowdEvent::Kind::Connected: begin(event.agent, newcomer); return;
            case CrowdEvent::Kind::Lost: refuse(event, "lost: "); return;
            case CrowdEvent::Kind::Answered: break;
        }
        if (event.status == 201) {
            enrolled(event, newcomer);
        } else if (event.status == 200) {
            checked_in(event, newcomer);
        } else if (event.status == 204) {
            send_next(event.agent, newcomer);
        } else {
            refuse(event, "refused: ");
        }
    }

    void refuse(const CrowdEvent& event, const char* how) {
        fault_ = failure(
            ErrorKind::Unavailable,
            "loadgen.refused",
            fmt::format("host {} was {}{} {}", event.agent, how, event.status, event.body));
    }

    void begin(std::size_t agent, Newcomer& newcomer) {
        if (!newcomer.identity.host_id.empty()) {
            newcomer.inventory = documents_.inventory(agent, name_of(agent));
            newcomer.identity.inventory = newcomer.inventory.digest;
            newcomer.identity.packages = documents_.package_list(agent).digest;
            crowd_.ask(agent, check_in_request(newcomer.identity, 1));
            return;
        }
        CertificateRequest request = make_certificate_request();
        newcomer.identity.key = std::move(request.key);
        std::string body;
        JsonWriter json(body);
        json.open_object();
        json.member("token", load_.token.id).member("secret", load_.token.secret);
        json.member("csr", request.csr).member("name", name_of(agent));
        json.member("operating_system", "Debian 12").member("architecture", "amd64");
        json.member("agent_version", "0.1.0").close_object();
        crowd_.ask(agent, request_text("POST", "/agent/v1/enrol", "application/json", body));
    }

    void enrolled(const CrowdEvent& event, Newcomer& newcomer) {
        const auto body = parse_json(event.body);
        if (!body) {
            refuse(event, "told nonsense: ");
            return;
        }
        JsonMembers members(*body);
        newcomer.identity.host_id = members.text("host_id");
        newcomer.identity.certificate = members.text("certificate");
        crowd_.connect(event.agent, newcomer.identity.certificate, newcomer.identity.key);
    }

    void checked_in(const CrowdEvent& event, Newcomer& newcomer) {
        if (event.body.find(newcomer.identity.inventory) != std::string_view::npos) {
            newcomer.to_send.push_back(&newcomer.inventory);
        }
        if (event.body.find(newcomer.identity.packages) != std::string_view::npos) {
            newcomer.to_send.push_back(&documents_.package_list(event.agent));
        }
        send_next(event.agent, newcomer);
    }

    void send_next(std::size_t agent, Newcomer& newcomer) {
        if (newcomer.to_send.empty()) {
            newcomer.inventory = Document();
            crowd_.hang_up(agent);
            ++done_;
            return;
        }
        const Document& document = *newcomer.to_send.back();
        newcomer.to_send.pop_back();
        ++sent_;
        sent_bytes_ += document.compressed.size();
        crowd_.ask(
            agent,
            request_text(
                "PUT",
                "/agent/v1/documents/" + document.digest,
                "application/octet-stream",
                document.compressed));
    }

    static std::string name_of(std::size_t agent) { return fmt::format("host{:06}", agent); }

    Crowd& crowd_;
    const EnrolLoad& load_;
    const HostDocuments& documents_;
    std::vector<Newcomer> newcomers_;
    std::size_t begun_ = 0;
    std::size_t done_ = 0;
    std::size_t sent_ = 0;
    std::size_t sent_bytes_ = 0;
    std::optional<Error> fault_;
};

}  // namespace

Result<std::vector<AgentIdentity>> enrol_hosts(
    const ServerAddress& server, const EnrolLoad& load, const HostDocuments& documents) {
    THIMBLE_TRY(Crowd crowd, Crowd::of(server, load.hosts));
    return Enrolling(crowd, load, documents).run();
}

}  // namespace thimble::loadgen
