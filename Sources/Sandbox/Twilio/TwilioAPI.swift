import FoundationEssentials
import HTTPTypes
import OrderedCollections

/// Twilio's REST API: the Calls resource, recordings, the account's numbers and verified caller IDs, and the account itself.
/// <https://www.twilio.com/docs/voice/api/call-resource>
struct TwilioAPI: Sendable {
    let core: SandboxCore
    private let started = VendorTime.rfc2822(Date())

    init(core: SandboxCore) {
        self.core = core
    }

    /// Answers one request; never waits.
    @Sendable func answer(_ request: VendorRequest) -> VendorAnswer {
        var answer: VendorAnswer
        do {
            answer = try route(request)
        } catch {
            answer = error.answer
        }
        answer.headers[.known("Twilio-Request-Id")] = Identifier.sid("RQ")
        answer.headers[.known("Twilio-Concurrent-Requests")] = "1"
        answer.headers[.known("Twilio-Request-Duration")] = "0.001"
        return answer
    }

    private func route(_ request: VendorRequest) throws(TwilioProblem) -> VendorAnswer {
        guard isAuthentic(request) else { throw .authentication }
        let account = core.configuration.accountSid
        let segments = request.segments
        let notFound = TwilioProblem.notFound(request.path)
        // Without `.json` the real API answers XML, which nobody should rely on: here it is not found.
        guard request.path.hasSuffix(".json"), segments.starts(with: ["2010-04-01", "Accounts"]) else {
            throw notFound
        }
        if segments.count == 3, segments[2] == "\(account).json" {
            guard request.method == .get else { throw .methodNotAllowed }
            return .json(accountJSON)
        }
        guard segments.count > 3, segments[2] == account else { throw notFound }
        switch (segments[3], segments.count, request.method) {
        case ("Calls.json", 4, .post): return try create(request.form)
        case ("Calls.json", 4, .get): return try PhoneCallList(request).answer(core.state.value)
        case ("IncomingPhoneNumbers.json", 4, .get): return numbers(request)
        case ("OutgoingCallerIds.json", 4, .get): return callerIDs(request)
        case ("Calls", 5, _):
            let sid = String(segments[4].dropLast(".json".count))
            switch request.method {
            case .get: return .json(try call(sid, or: notFound).json)
            case .post: return try PhoneCallUpdate(core: core).answer(sid, request.form, or: notFound)
            case .delete: return try delete(sid, or: notFound)
            default: throw .methodNotAllowed
            }
        case ("Recordings", 5, _):
            guard request.method == .delete else { throw .methodNotAllowed }
            return try deleteRecording(String(segments[4].dropLast(".json".count)), or: notFound)
        case ("Calls.json", 4, _), ("IncomingPhoneNumbers.json", 4, _), ("OutgoingCallerIds.json", 4, _):
            throw .methodNotAllowed
        default: throw notFound
        }
    }

    private func isAuthentic(_ request: VendorRequest) -> Bool {
        let configuration = core.configuration
        guard let header = request.headers[.authorization], header.lowercased().hasPrefix("basic "),
            let bytes = Data(base64Encoded: String(header.dropFirst(6))),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { return false }
        let user = String(decoding: bytes[..<colon], as: UTF8.self)
        let password = String(decoding: bytes[bytes.index(after: colon)...], as: UTF8.self)
        return (user, password) == (configuration.accountSid, configuration.authToken)
            || (configuration.apiKeySid == user && configuration.apiKeySecret == password)
    }

    private func create(_ form: [Parameter]) throws(TwilioProblem) -> VendorAnswer {
        let order = try CallOrder(creating: form, numbers: core.state.read(\.callers))
        guard Scenario.of(number: order.to).outcome != .refused else {
            throw TwilioProblem(21216, "Account not allowed to call \(order.to)")
        }
        let call = PhoneCall(
            sid: Identifier.sid("CA"),
            accountSid: core.configuration.accountSid,
            order: order,
            created: Date()
        )
        let dial = core.state.update { state in
            state.phoneCalls[call.sid] = call
            for name in Set(form.map(\.name)).subtracting(CallOrder.names).sorted() {
                state.ledger.alert(20001, "Unknown parameter \(name)", callSid: call.sid)
            }
            if core.configuration.callsPerSecond != nil { state.queue.append(call.sid) }
            return state.takeTurn(callsPerSecond: core.configuration.callsPerSecond)
        }
        let life = CallLife(core: core, call: call, turn: dial)
        core.jobs.add { await life.run() }
        return .json(call.creationJSON, status: 201)
    }

    private func call(_ sid: String, or notFound: TwilioProblem) throws(TwilioProblem) -> PhoneCall {
        guard let call = core.state.read({ $0.phoneCalls[sid] }), !call.isDeleted else { throw notFound }
        return call
    }

    private func delete(_ sid: String, or notFound: TwilioProblem) throws(TwilioProblem) -> VendorAnswer {
        guard try call(sid, or: notFound).status.isFinal else {
            throw TwilioProblem(20009, "Call \(sid) is not yet finished and cannot be deleted")
        }
        core.state.update { $0.phoneCalls[sid]?.isDeleted = true }
        return .noContent
    }

    /// There is a recording once its call was answered. It goes for good, and the call stays.
    /// <https://www.twilio.com/docs/voice/api/recording#delete-a-recording-resource>
    private func deleteRecording(_ sid: String, or notFound: TwilioProblem) throws(TwilioProblem) -> VendorAnswer {
        let isDeleted = core.state.update { state in
            let call = state.phoneCalls.values.first { $0.order.recording?.sid == sid }
            guard let call, call.answered != nil, !call.isRecordingDeleted else { return false }
            state.phoneCalls[call.sid]?.isRecordingDeleted = true
            return true
        }
        guard isDeleted else { throw notFound }
        return .noContent
    }

    private func numbers(_ request: VendorRequest) -> VendorAnswer {
        let wanted = request.query["PhoneNumber"]
        // Twilio finds parts of numbers, too.
        let found = core.state.read(\.numbers).filter { number in wanted.map { number.number.contains($0) } ?? true }
        return page(
            "incoming_phone_numbers",
            found.map { $0.json(accountSid: core.configuration.accountSid, created: started) },
            request
        )
    }

    private func callerIDs(_ request: VendorRequest) -> VendorAnswer {
        let wanted = request.query["PhoneNumber"]
        return page(
            "outgoing_caller_ids",
            core.state.read(\.callerIDs).filter { wanted == nil || $0 == wanted }.map {
                VerifiedCallerID.json($0, accountSid: core.configuration.accountSid, created: started)
            },
            request
        )
    }

    private func page(_ name: String, _ items: [JSON], _ request: VendorRequest) -> VendorAnswer {
        let uri = JSON.string(request.target)
        return .json([
            name: .array(items), "page": 0, "page_size": 50, "start": 0, "end": .int(max(0, items.count - 1)),
            "uri": uri, "first_page_uri": uri, "previous_page_uri": nil, "next_page_uri": nil,
        ])
    }

    private var accountJSON: JSON {
        let sid = core.configuration.accountSid
        return [
            "sid": .string(sid), "friendly_name": "Sandbox", "status": "active", "type": "Full",
            "owner_account_sid": .string(sid), "auth_token": nil, "date_created": .string(started),
            "date_updated": .string(started), "uri": "/2010-04-01/Accounts/\(sid).json", "subresource_uris": [:],
        ]
    }
}

extension SandboxState {
    /// When the call may be dialled at the earliest: one after the other at the account's pace.
    fileprivate mutating func takeTurn(callsPerSecond: Double?) -> ContinuousClock.Instant {
        let now = ContinuousClock.now
        guard let callsPerSecond else { return now }
        let turn = max(now, nextTurn ?? now)
        nextTurn = turn + .seconds(1 / callsPerSecond)
        return turn
    }
}
