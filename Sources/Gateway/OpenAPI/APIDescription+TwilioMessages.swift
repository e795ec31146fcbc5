import TwilioAdapter

extension APIDescription {
    /// Twilio's webhooks that are acknowledged without a document.
    var twilioMessages: [String] {
        [
            twilio(
                .status,
                "Twilio tells a call's progress",
                "A call was initiated, rings, was answered or is over.",
                schema: "TwilioStatus",
                example: Self.statusExample
            ),
            twilio(
                .amd,
                "Twilio tells who answered",
                "The verdict of answering-machine detection.",
                schema: "TwilioMachineDetection",
                example: Self.amdExample
            ),
            twilio(
                .stream,
                "Twilio tells of the audio",
                "The audio between Twilio and Ultravox has started, stopped or failed.",
                schema: "TwilioStream",
                example: Self.streamExample
            ),
            twilio(
                .recording,
                "Twilio tells of a recording",
                "A recording has begun, is complete, has failed, or does not exist.",
                schema: "TwilioRecording",
                example: Self.recordingExample
            ),
        ]
    }

    /// The path of one of them.
    private func twilio(
        _ kind: TwilioWebhook.Kind,
        _ summary: String,
        _ description: String,
        schema: String,
        example: String
    ) -> String {
        #"""
        {"paths": {"\#(WebhookURLs.path(of: kind))": {"post": {
          "operationId": "twilio_\#(kind.rawValue)",
          "tags": ["webhooks"],
          "summary": \#(json(summary)),
          "description": \#(json(description)),
          "security": [],
          "parameters": [
            {"$ref": "#/components/parameters/ClaimedCall"}, {"$ref": "#/components/parameters/TwilioSignature"}
          ],
          "requestBody": {"required": true, "description": "Twilio's form.", "content": {
            "application/x-www-form-urlencoded": {
              "schema": {"$ref": "#/components/schemas/\#(schema)"}, "examples": {"\#(kind.rawValue)": {"value": \#(example)}}
            }
          }},
          "responses": \#(Self.acknowledgement),
          "errors": {"unsupported_media_type": null}
        }}}}
        """#
    }

    private static let statusExample = #"""
        {
          "AccountSid": "ACe268443e43d93dab7ebef303bbe9642f", "CallSid": "CA70b67b8ba3a1ea14303d73e67e24f7b0",
          "CallStatus": "completed", "From": "+12025550143", "To": "+12125550100", "Direction": "outbound-api",
          "SequenceNumber": "3", "Timestamp": "Sun, 22 Nov 2026 11:47:05 +0000", "CallDuration": "48"
        }
        """#

    private static let amdExample = #"""
        {
          "AccountSid": "ACe268443e43d93dab7ebef303bbe9642f", "CallSid": "CA70b67b8ba3a1ea14303d73e67e24f7b0",
          "AnsweredBy": "machine_start", "MachineDetectionDuration": "2890"
        }
        """#

    private static let streamExample = #"""
        {
          "AccountSid": "ACe268443e43d93dab7ebef303bbe9642f", "CallSid": "CA70b67b8ba3a1ea14303d73e67e24f7b0",
          "StreamSid": "MZd23fb4a78fa95c0368b713cb91e6c3a3", "StreamEvent": "stream-started",
          "Timestamp": "2026-11-22T11:46:19.204817Z"
        }
        """#

    private static let recordingExample = #"""
        {
          "AccountSid": "ACe268443e43d93dab7ebef303bbe9642f", "CallSid": "CA70b67b8ba3a1ea14303d73e67e24f7b0",
          "RecordingSid": "RE6f8a7797b6b980290e88667304f91782", "RecordingStatus": "completed",
          "RecordingDuration": "47", "RecordingStartTime": "Sun, 22 Nov 2026 11:46:18 +0000",
          "RecordingUrl": "https://api.twilio.com/2010-04-01/Accounts/AC…/Recordings/RE6f8a7797b6b980290e88667304f91782"
        }
        """#
}
