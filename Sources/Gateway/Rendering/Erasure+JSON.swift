import CallDomain
import CallFlow

extension ErasureReport {
    var json: JSONValue {
        let isJournalClean = !hasJournal || erasure.lastTrace == nil
        var journal: JSONObject = ["status": .string(!hasJournal ? "none" : isJournalClean ? "gone" : "pending")]
        journal["at"] = .optional(hasJournal ? erasure.journalCleanedAt?.rfc3339 : nil)
        if let journalAttempt { journal.merge(journalAttempt.json) { $1 } }
        return [
            "call_id": .string(erasure.id.text),
            "erased_at": .string(erasure.erasedAt.rfc3339),
            "complete": .bool(isJournalClean && erasure.copies.isEmpty),
            "gateway": [
                "memory": ["status": "gone", "at": .string(erasure.erasedAt.rfc3339)],
                "journal": .object(journal),
            ],
            "twilio": ["recordings": .array(copies(at: .twilio))],
            "ultravox": ["calls": .array(copies(at: .ultravox))],
        ]
    }

    /// What is gone, then what is still to come.
    private func copies(at vendor: Vendor) -> [JSONValue] {
        let gone = erasure.deletions.filter { $0.vendor == vendor }.map { deletion -> JSONValue in
            ["status": "gone", "at": .string(deletion.at.rfc3339)]
        }
        let pending = erasure.copies.filter { $0.vendor == vendor }.map { copy -> JSONValue in
            let attempt = attempts[copy]
            var json: JSONObject = [
                "status": .string(attempt?.isRefused == true ? "refused" : "pending"), "id": .string(copy.text),
            ]
            if let attempt { json.merge(attempt.json) { $1 } }
            return .object(json)
        }
        return gone + pending
    }
}

extension ErasureAttempt {
    fileprivate var json: JSONObject {
        [
            "attempts": .integer(count), "reason": .string(reason), "last_tried_at": .string(lastTriedAt.rfc3339),
            "next_try_at": .optional(nextTryAt?.rfc3339),
        ]
    }
}
