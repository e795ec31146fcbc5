package import CallDomain

/// A number of the account's.
/// - SeeAlso: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
package struct OwnedPhoneNumber: Sendable, Equatable {
    /// Whether calls can be made from it; some numbers are for messages only.
    package let hasVoice: Bool
}

extension TwilioClient {
    /// `GET …/IncomingPhoneNumbers.json?PhoneNumber=…`.
    /// - Returns: `nil` if the account has no such number.
    package func ownedNumber(_ number: PhoneNumber) async throws(VendorFailure) -> OwnedPhoneNumber? {
        // Twilio finds parts of numbers, too: others may come first.
        let query = FormEncoding.encoded([("PhoneNumber", number.text), ("PageSize", "50")])
        let page = try await send(.numbers, "\(accountPath)/IncomingPhoneNumbers.json?\(query)")
        guard let numbers = page["incoming_phone_numbers"]?.arrayValue else {
            throw .nonsense(.twilio, status: 200, reason: "Twilio's answer is not a page of phone numbers")
        }
        guard let found = numbers.first(where: { $0["phone_number"]?.stringValue == number.text })
        else { return nil }
        return OwnedPhoneNumber(hasVoice: found["capabilities"]?["voice"]?.boolValue ?? true)
    }
}
