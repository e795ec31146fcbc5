package import CallDomain

extension TwilioClient {
    /// `GET …/IncomingPhoneNumbers.json?PhoneNumber=…`: whether the number belongs to the account.
    /// - SeeAlso: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
    package func owns(_ number: PhoneNumber) async throws(VendorFailure) -> Bool {
        let query = FormEncoding.encoded([("PhoneNumber", number.text), ("PageSize", "1")])
        let page = try await send(.numbers, "\(accountPath)/IncomingPhoneNumbers.json?\(query)")
        let numbers = page["incoming_phone_numbers"]?.arrayValue ?? []
        return numbers.contains { $0["phone_number"]?.stringValue == number.text }
    }
}
