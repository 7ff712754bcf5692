import SNNCore
import SNNGraph

/// The state of the callbacks of a fit that stands in the middle: what going on needs to end with
/// the same bytes.
package struct CallbackRecords {
    struct Record {
        let className: String
        let state: JSON
        let weights: WeightSnapshot?
    }

    let callbacks: [Record]
    /// A callback has asked to stop, and the fit has not ended yet.
    let stops: Bool

    private static let key = "callbacks"

    init(callbacks: [Record], stops: Bool) {
        self.callbacks = callbacks
        self.stops = stops
    }

    /// [{class_name, state}].
    var states: JSON {
        .array(
            callbacks.map { record in
                .object(("class_name", .string(record.className)), ("state", record.state))
            })
    }

    func write(to state: inout StateDictionary, _ network: Network) {
        let json = JSON.object(("list", states), ("stops", .bool(stops)))
        state.set(CallbackRecords.key, .text(json.write()))
        for (index, record) in callbacks.enumerated() {
            record.weights?.write(to: &state, CallbackRecords.prefix(index), network)
        }
    }

    /// nil when the fit had ended, or had no callbacks.
    init?(_ state: StateDictionary, _ network: Network) throws(SNNError) {
        guard state.value(CallbackRecords.key) != nil else { return nil }
        let json = try JSON.read(state.text(CallbackRecords.key))
        var callbacks: [Record] = []
        for (index, element) in (json["list"]?.elements ?? []).enumerated() {
            guard let name = element["class_name"]?.text else {
                throw SNNError(.format, "training state: expected callbacks with a class_name")
            }
            callbacks.append(
                Record(
                    className: name, state: element["state"] ?? .null,
                    weights: try WeightSnapshot.read(
                        state, CallbackRecords.prefix(index), network)))
        }
        self.callbacks = callbacks
        stops = json["stops"]?.boolValue ?? false
    }

    private static func prefix(_ index: Int) -> String { key + "_weights/" + String(index) }
}

extension JSON {
    /// A number, or null for none.
    static func optional(_ value: Double?) -> JSON { value.map { .number($0) } ?? .null }

    /// Whole numbers of a saved state; 0 where there is none.
    func count(_ name: String) -> Int { max(0, self[name]?.integerValue ?? 0) }
}
