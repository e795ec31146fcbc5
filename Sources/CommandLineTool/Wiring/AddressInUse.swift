/// Another program listens where this one is to listen.
struct AddressInUse: Error, CustomStringConvertible {
    /// Host and port.
    let address: String
    /// What names another port.
    let setting: String

    var description: String {
        "another program listens on \(address); stop it, or choose another port with \(setting) (0 picks a free one)"
    }
}
