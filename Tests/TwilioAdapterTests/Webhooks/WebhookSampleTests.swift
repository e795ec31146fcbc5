import CallDomain
import TestSupport
import Testing

@testable import TwilioAdapter

extension TwilioWebhookSample {
    var webhookKind: TwilioWebhook.Kind? {
        switch kind {
        case "status-callback": .status
        case "voice-request", "connect-action": .voice
        case "fallback-request": .fallback
        case "amd-callback": .amd
        case "stream-callback": .stream
        case "recording-callback": .recording
        default: nil
        }
    }

    func value(_ name: String) -> String? { params.first { $0[0] == name }?[1] }

    func reading() throws -> TwilioWebhook.Reading {
        TwilioWebhook.read(
            try #require(webhookKind),
            query: url.split(separator: "?", maxSplits: 1).dropFirst().first,
            form: try body.map { try #require(FormParameters(form: Array($0.utf8))) },
            account: try #require(AccountSid(accountSid))
        )
    }

    func fact() throws -> CallFact {
        guard case .useful(let webhook) = try reading() else { throw Unexpected.reading }
        return webhook.fact
    }

    enum Unexpected: Error {
        case reading
    }
}

@Suite("Webhooks as Twilio sends them")
struct WebhookSampleTests {
    @Test("Every sample verifies and is read", arguments: try TwilioWebhookSample.all().map(\.name))
    func readsEverySample(name: String) throws {
        let sample = try #require(try TwilioWebhookSample.all().first { $0.name == name })
        let verifier = WebhookVerifier(authTokens: [Secret(sample.authToken)])
        let form = try sample.body.map { try #require(FormParameters(form: Array($0.utf8))) }
        #expect(
            verifier.accepts(
                signature: sample.signature,
                url: sample.url,
                body: form.map { .form($0) } ?? WebhookVerifier.Body.none
            )
        )
        guard case .useful(let webhook) = try sample.reading() else {
            Issue.record("\(name) was read as \(try sample.reading())")
            return
        }
        #expect(webhook.claimed == nil)
        #expect(webhook.fact.callSid?.text == sample.value("CallSid"))
        #expect(webhook.fact.source == .twilio)
        #expect(webhook.fact.unread == [])
        switch (webhook.fact, sample.webhookKind) {
        case (.statusReported(let report), .status):
            #expect(report.status.rawValue == sample.value("CallStatus"))
            #expect(report.sequenceNumber.map(String.init) == sample.value("SequenceNumber"))
            #expect(report.duration.map(String.init) == sample.value("CallDuration"))
            #expect(report.sipResponseCode.map(String.init) == sample.value("SipResponseCode"))
            #expect(report.timestamp != nil)
            #expect(report.parties.from == sample.value("From"))
            #expect(report.parties.to == sample.value("To"))
            #expect(report.parties.direction == .outbound)
        case (.voiceRequested(let request), .voice):
            #expect(request.status.rawValue == sample.value("CallStatus"))
            #expect(request.parties.from == sample.value("From"))
            #expect((request.parties.direction == .inbound) == (sample.value("Direction") == "inbound"))
        case (.fallbackRequested(let request), .fallback):
            #expect(request.errorCode == sample.value("ErrorCode"))
        case (.machineDetected(let report), .amd):
            #expect(report.answeredBy == sample.value("AnsweredBy"))
            #expect(report.duration?.milliseconds == sample.value("MachineDetectionDuration").flatMap { Int64($0) })
        case (.streamReported(let report), .stream):
            #expect(report.streamSid.text == sample.value("StreamSid"))
            #expect(report.event.rawValue == sample.value("StreamEvent"))
            #expect(report.error == sample.value("StreamError"))
            #expect(report.timestamp != nil)
        case (.recordingReported(let report), .recording):
            #expect(report.status.rawValue == sample.value("RecordingStatus"))
            #expect(report.startedAt != nil)
            #expect((report.url != nil) == (report.status == .completed))
        default:
            Issue.record("\(name) became \(webhook.fact.identity)")
        }
    }

    @Test("There are samples of every kind")
    func coversEveryKind() throws {
        let kinds = try TwilioWebhookSample.all().map(\.webhookKind)
        #expect(Set(kinds) == Set(TwilioWebhook.Kind.allCases))
    }

    private func sample(_ name: String) throws -> TwilioWebhookSample {
        try #require(try TwilioWebhookSample.all().first { $0.name == name })
    }

    @Test("A status report carries all that the call needs")
    func readsStatus() throws {
        let expected = StatusReport(
            callSid: try #require(CallSid("CA457343a76d74200bc7259d5c72137c30")),
            status: .failed,
            sequenceNumber: 1,
            timestamp: Timestamp(iso8601: "2026-11-22T11:46:09Z"),
            parties: CallParties(from: "+12025550143", to: "+12125550187", direction: .outbound),
            duration: 0,
            sipResponseCode: 603,
            errorCode: "32017",
            errorMessage: "PSTN: Carrier blocked call due to calling number (caller ID)"
        )
        #expect(try sample("status-failed-with-error-code").fact() == .statusReported(expected))
    }

    @Test("A stream error carries its text and time")
    func readsStream() throws {
        let expected = StreamReport(
            callSid: try #require(CallSid("CA70b67b8ba3a1ea14303d73e67e24f7b0")),
            streamSid: try #require(StreamSid("MZd23fb4a78fa95c0368b713cb91e6c3a3")),
            event: .error,
            error: "31920: Stream - WebSocket - Handshake Error",
            timestamp: Timestamp(iso8601: "2026-11-22T11:46:19.731Z")
        )
        #expect(try sample("stream-error").fact() == .streamReported(expected))
    }

    @Test("A recording has an address and a length once it is complete")
    func readsRecording() throws {
        let sid = try #require(RecordingSid("RE6f8a7797b6b980290e88667304f91782"))
        let address =
            "https://api.twilio.com/2010-04-01/Accounts/ACe268443e43d93dab7ebef303bbe9642f/Recordings/\(sid.text)"
        var expected = RecordingReport(
            callSid: try #require(CallSid("CA70b67b8ba3a1ea14303d73e67e24f7b0")),
            recordingSid: sid,
            status: .completed,
            url: address,
            duration: 47,
            startedAt: Timestamp(iso8601: "2026-11-22T11:46:18Z")
        )
        #expect(try sample("recording-completed").fact() == .recordingReported(expected))
        (expected.status, expected.url, expected.duration) = (.inProgress, nil, nil)
        #expect(try sample("recording-in-progress").fact() == .recordingReported(expected))
    }

    @Test("A caller who withholds the number is taken as Twilio names him")
    func readsAnonymousCallers() throws {
        guard case .voiceRequested(let request) = try sample("voice-inbound-forwarded-anonymous").fact() else {
            Issue.record("no voice request")
            return
        }
        #expect(request.parties == CallParties(from: "anonymous", to: "+12025550143", direction: .inbound))
        #expect(request.status == .ringing)
    }
}
