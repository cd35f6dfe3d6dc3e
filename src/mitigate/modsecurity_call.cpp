#include "thimble/mitigate/modsecurity_call.hpp"

#include <modsecurity/modsecurity.h>
#include <modsecurity/rule_message.h>
#include <modsecurity/rules_set.h>
#include <modsecurity/transaction.h>

#include <algorithm>
#include <utility>

namespace thimble::mitigate {
namespace {

/// libmodsecurity writes what matched to its log unless somebody takes it.
void take_nothing(void* /*data*/, const void* /*message*/) {}

class Intervention {
public:
    explicit Intervention(modsecurity::Transaction& transaction)
        : is_taken_(take(transaction, taken_)) {}
    Intervention(const Intervention&) = delete;
    Intervention& operator=(const Intervention&) = delete;
    Intervention(Intervention&&) = delete;
    Intervention& operator=(Intervention&&) = delete;
    ~Intervention() { modsecurity::intervention::free(&taken_); }

    [[nodiscard]] bool is_taken() const { return is_taken_ && taken_.disruptive != 0; }
    [[nodiscard]] int status() const { return taken_.status; }

private:
    static bool take(
        modsecurity::Transaction& transaction, modsecurity::ModSecurityIntervention& taken) {
        modsecurity::intervention::clean(&taken);
        return transaction.intervention(&taken);
    }

    modsecurity::ModSecurityIntervention taken_{};
    bool is_taken_;
};

void send_headers(modsecurity::Transaction& transaction, const RequestSample& sample) {
    if (header_of(sample, "Host").empty()) {
        transaction.addRequestHeader(std::string("Host"), std::string("localhost"));
    }
    for (const SampleHeader& header : sample.headers) {
        transaction.addRequestHeader(header.first, header.second);
    }
    const bool says_length = !header_of(sample, "Content-Length").empty()
        || !header_of(sample, "Transfer-Encoding").empty();
    if (!sample.body.empty() && !says_length) {
        transaction.addRequestHeader(
            std::string("Content-Length"), std::to_string(sample.body.size()));
    }
    transaction.processRequestHeaders();
}

/// In pieces, as a network brings it.
void send_body(modsecurity::Transaction& transaction, const std::string& body) {
    constexpr std::size_t kPiece = 7;
    const auto* bytes = static_cast<const unsigned char*>(static_cast<const void*>(body.data()));
    for (std::size_t at = 0; at < body.size(); at += kPiece) {
        transaction.appendRequestBody(bytes + at, std::min(kPiece, body.size() - at));
    }
    transaction.processRequestBody();
}

}  // namespace

struct ModSecurityCall::Loaded {
    modsecurity::ModSecurity engine;
    modsecurity::RulesSet rules;
};

ModSecurityCall::ModSecurityCall() : loaded_(std::make_unique<Loaded>()) {
    loaded_->engine.setConnectorInformation("thimble");
    loaded_->engine.setServerLogCb(take_nothing, modsecurity::RuleMessageLogProperty);
}
ModSecurityCall::ModSecurityCall(ModSecurityCall&& other) noexcept = default;
ModSecurityCall& ModSecurityCall::operator=(ModSecurityCall&& other) noexcept = default;
ModSecurityCall::~ModSecurityCall() = default;

bool ModSecurityCall::load(const std::string& rules) {
    return loaded_->rules.load(rules.c_str()) >= 0;
}

std::string ModSecurityCall::complaint() const {
    return loaded_->rules.getParserError();
}

EngineVerdict ModSecurityCall::ask(const RequestSample& sample) const {
    modsecurity::Transaction transaction(&loaded_->engine, &loaded_->rules, nullptr);
    transaction.processConnection("127.0.0.1", 40000, "127.0.0.1", 80);
    transaction.processURI(sample.target.c_str(), sample.method.c_str(), "1.1");
    send_headers(transaction, sample);
    EngineVerdict verdict;
    const Intervention early(transaction);
    if (!early.is_taken()) {
        send_body(transaction, sample.body);
    }
    const Intervention late(transaction);
    verdict.blocked = early.is_taken() || late.is_taken();
    verdict.status = early.is_taken() ? early.status() : late.status();
    for (const modsecurity::RuleMessage& message : transaction.m_rulesMessages) {
        verdict.rules.push_back(static_cast<std::uint32_t>(message.m_ruleId));
    }
    return verdict;
}

std::string engine_version() {
    return std::string("ModSecurity ") + MODSECURITY_MAJOR + "." + MODSECURITY_MINOR + "."
        + MODSECURITY_PATCHLEVEL;
}

}  // namespace thimble::mitigate
