#include "thimble/mitigate/proof.hpp"

#include "thimble/base/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace thimble::mitigate {
namespace {

using Nanoseconds = std::chrono::nanoseconds;
using Now = std::function<Nanoseconds()>;

/// Median over rounds of all benign requests, so that neither a cold cache nor a busy machine decides.
constexpr std::size_t kRounds = 41;

TriedRequest tried(
    const RuleEngine& engine, const VirtualPatch& patch, std::string what, RequestSample sample) {
    const EngineVerdict verdict = engine.ask(sample);
    const auto ours = std::ranges::find_if(verdict.rules, [&](std::uint32_t id) {
        return id >= patch.first_id && id < patch.first_id + kIdsOfAPatch;
    });
    return {
        std::move(what),
        std::move(sample),
        verdict.blocked,
        ours == verdict.rules.end() ? 0 : *ours};
}

Nanoseconds median_round(
    const RuleEngine& engine, const std::vector<RequestSample>& benign, const Now& now) {
    std::vector<Nanoseconds> rounds;
    rounds.reserve(kRounds);
    for (std::size_t round = 0; round < kRounds; ++round) {
        const Nanoseconds began = now();
        for (const RequestSample& sample : benign) {
            static_cast<void>(engine.ask(sample));
        }
        rounds.push_back(now() - began);
    }
    std::ranges::nth_element(rounds, rounds.begin() + kRounds / 2);
    return rounds[kRounds / 2];
}

std::string numbered(const char* kind, std::size_t at) {
    return std::string(kind) + " " + std::to_string(at + 1);
}

Result<BesideOthers> tried_beside(const Proof& proof, const std::string& others) {
    const std::string include = "Include " + others + "\n";
    THIMBLE_TRY(const RuleEngine theirs, RuleEngine::load(include));
    THIMBLE_TRY(const RuleEngine both, RuleEngine::load(proof.rules + include));
    BesideOthers beside;
    for (const TriedRequest& one : proof.variants) {
        beside.variants_by_others += theirs.ask(one.sample).blocked ? 1U : 0U;
        beside.variants_by_both += both.ask(one.sample).blocked ? 1U : 0U;
    }
    for (const TriedRequest& one : proof.benign) {
        if (both.ask(one.sample).blocked) {
            beside.benign_blocked.push_back(one.what);
        }
    }
    return beside;
}

void write(JsonWriter& json, const std::optional<BesideOthers>& beside) {
    if (!beside) {
        json.null();
        return;
    }
    json.open_object().key("variants_by_others");
    json.number(static_cast<std::int64_t>(beside->variants_by_others)).key("variants_by_both");
    json.number(static_cast<std::int64_t>(beside->variants_by_both));
    json.member("benign_blocked", beside->benign_blocked).close_object();
}

void write(JsonWriter& json, const std::vector<TriedRequest>& requests) {
    json.open_array();
    for (const TriedRequest& one : requests) {
        json.open_object().member("what", one.what).member("request", sample_line(one.sample));
        json.key("blocked").boolean(one.blocked);
        json.key("rule").number(one.rule).close_object();
    }
    json.close_array();
}

}  // namespace

bool Proof::holds() const {
    const auto is_stopped = [](const TriedRequest& one) {
        return one.blocked && one.rule != 0;
    };
    return std::ranges::all_of(attacks, is_stopped)
        && std::ranges::none_of(benign, &TriedRequest::blocked);
}

std::size_t Proof::blocked_variants() const {
    return static_cast<std::size_t>(std::ranges::count_if(variants, &TriedRequest::blocked));
}

Result<Proof> prove(const VirtualPatch& patch, const Now& now, const std::string& others) {
    Proof proof;
    THIMBLE_TRY(proof.rules, security_rules(patch, RuleMode::Block));
    THIMBLE_TRY(const RuleEngine engine, RuleEngine::load(proof.rules));
    THIMBLE_TRY(const RuleEngine bare, RuleEngine::load(""));
    for (std::size_t at = 0; at < patch.attacks.size(); ++at) {
        const std::string what = numbered("attack", at);
        proof.attacks.push_back(tried(engine, patch, what, patch.attacks[at]));
        for (Variant& variant : variants_of(patch.attacks[at])) {
            proof.variants.push_back(
                tried(engine, patch, what + ", " + variant.evasion, std::move(variant.sample)));
        }
    }
    for (std::size_t at = 0; at < patch.benign.size(); ++at) {
        proof.benign.push_back(tried(engine, patch, numbered("benign", at), patch.benign[at]));
    }
    const Nanoseconds with = median_round(engine, patch.benign, now);
    const Nanoseconds without = median_round(bare, patch.benign, now);
    const auto requests = static_cast<Nanoseconds::rep>(patch.benign.size());
    proof.cost = std::max(Nanoseconds(0), with - without) / requests;
    if (!others.empty()) {
        THIMBLE_TRY(proof.beside, tried_beside(proof, others));
    }
    return proof;
}

std::string format_proof(const VirtualPatch& patch, const Proof& proof) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("format", "thimble.virtual-patch-proof/1")
        .member("virtual_patch", patch.name)
        .member("covers", patch.covers)
        .member("engine", engine_version());
    json.key("holds").boolean(proof.holds());
    json.key("variants_blocked").number(static_cast<std::int64_t>(proof.blocked_variants()));
    json.key("cost_ns").number(proof.cost.count());
    json.member("rules", proof.rules);
    write(json.key("attacks"), proof.attacks);
    write(json.key("benign"), proof.benign);
    write(json.key("variants"), proof.variants);
    write(json.key("beside"), proof.beside);
    json.close_object();
    return text;
}

}  // namespace thimble::mitigate
