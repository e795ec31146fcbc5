package import CallDomain

/// A number of the account's.
/// - SeeAlso: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
package struct OwnedPhoneNumber: Sendable, Equatable {
    /// Where Twilio sends one kind of request.
    package struct Webhook: Sendable, Equatable {
        /// `nil` where nothing is set.
        package var url: String?
        /// `POST` or `GET`, as Twilio spells it.
        package var method: String

        package init(url: String?, method: String) {
            self.url = url
            self.method = method
        }
    }

    /// Whether calls can be made from it; some numbers are for messages only.
    package var hasVoice: Bool
    /// What asks for TwiML when somebody calls the number.
    package var voice: Webhook
    package var fallback: Webhook
    /// Of calls to the number: how they ended.
    package var status: Webhook
    /// A TwiML app, whose URLs count instead of the number's.
    package var applicationSid: String?
    /// A SIP trunk that takes all calls to the number.
    package var trunkSid: String?
    /// `voice` or `fax`.
    package var receiveMode: String

    package init(
        hasVoice: Bool = true,
        voice: Webhook,
        fallback: Webhook,
        status: Webhook,
        applicationSid: String? = nil,
        trunkSid: String? = nil,
        receiveMode: String = "voice"
    ) {
        self.hasVoice = hasVoice
        self.voice = voice
        self.fallback = fallback
        self.status = status
        self.applicationSid = applicationSid
        self.trunkSid = trunkSid
        self.receiveMode = receiveMode
    }
}

extension TwilioClient {
    /// `GET …/IncomingPhoneNumbers.json?PhoneNumber=…`.
    /// - Returns: `nil` if the account has no such number.
    package func ownedNumber(_ number: PhoneNumber) async throws(VendorFailure) -> OwnedPhoneNumber? {
        try await entry("IncomingPhoneNumbers", "incoming_phone_numbers", of: number).map(OwnedPhoneNumber.init)
    }

    /// `GET …/OutgoingCallerIds.json?PhoneNumber=…`: whether the number is somebody else's that may call for the account,
    /// because its owner has verified it.
    /// - SeeAlso: https://www.twilio.com/docs/voice/api/outgoing-caller-ids
    package func isVerifiedCallerID(_ number: PhoneNumber) async throws(VendorFailure) -> Bool {
        try await entry("OutgoingCallerIds", "outgoing_caller_ids", of: number) != nil
    }

    private func entry(
        _ resource: String,
        _ list: String,
        of number: PhoneNumber
    ) async throws(VendorFailure) -> JSONValue? {
        // Twilio finds parts of numbers, too: others may come first.
        let query = FormEncoding.encoded([("PhoneNumber", number.text), ("PageSize", "50")])
        let page = try await send(.numbers, "\(accountPath)/\(resource).json?\(query)")
        guard let entries = page[list]?.arrayValue else {
            throw .nonsense(.twilio, status: 200, reason: "Twilio's answer is not a page of phone numbers")
        }
        return entries.first { $0["phone_number"]?.stringValue == number.text }
    }
}

extension OwnedPhoneNumber {
    fileprivate init(_ json: JSONValue) {
        func text(_ name: String) -> String? {
            json[name]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        }
        func webhook(_ url: String, _ method: String) -> Webhook {
            Webhook(url: text(url), method: text(method) ?? "POST")
        }
        self.init(
            hasVoice: json["capabilities"]?["voice"]?.boolValue ?? true,
            voice: webhook("voice_url", "voice_method"),
            fallback: webhook("voice_fallback_url", "voice_fallback_method"),
            status: webhook("status_callback", "status_callback_method"),
            applicationSid: text("voice_application_sid"),
            trunkSid: text("trunk_sid"),
            receiveMode: text("voice_receive_mode") ?? "voice"
        )
    }
}
