import CHDF5
import CSystem
import SNNCore

/// Walking: one name at a time, over hard links only. A soft or external link could lead to
/// another place or file.
extension HDF5Reader {
    enum ObjectKind {
        case group
        case dataset
        case groupOrDataset
    }

    /// Whether there is an object at `path`.
    ///
    /// - Throws: `.format` when the way leads over a link that is not hard or through a dataset.
    package func exists(_ path: String) throws(SNNError) -> Bool {
        try read(at: path) { file, parts throws(SNNError) in
            var group = try Self.root(of: file)
            for (depth, part) in parts.enumerated() {
                guard try Self.hasLink(part, in: group.id) else { return false }
                if depth + 1 < parts.count {
                    group = try Self.open(part, in: group.id, expecting: .group)
                }
            }
            return true
        }
    }

    package func isGroup(_ path: String) throws(SNNError) -> Bool {
        guard try exists(path) else { return false }
        return try read(at: path) { file, parts throws(SNNError) in
            let object = try Self.object(parts, in: file, expecting: .groupOrDataset)
            return H5Iget_type(object.id) == H5I_GROUP
        }
    }

    /// The names in a group, sorted by their bytes.
    package func children(of path: String) throws(SNNError) -> [String] {
        try read(at: path) { file, parts throws(SNNError) in
            let group = try Self.object(parts, in: file, expecting: .group)
            let names = LinkNames()
            let status = snnh5_iterate(
                group.id, { LinkNames.append($0, to: $1) },
                Unmanaged.passUnretained(names).toOpaque())
            guard status >= 0 else {
                throw HDF5Library.failure(.format, "the names in the group cannot be read")
            }
            guard status == 0 else {
                throw SNNError(
                    .limit, "expected at most \(FileLimits.childCount) objects in a group")
            }
            return inByteOrder(names.names)
        }
    }

    /// Opens what is at `parts`. Inside `read` only.
    static func object(
        _ parts: [String], in file: hid_t, expecting kind: ObjectKind
    ) throws(SNNError) -> HDF5Object {
        var object = try root(of: file)
        guard !parts.isEmpty else {
            guard kind != .dataset else {
                throw SNNError(.format, "expected a dataset, received the root group")
            }
            return object
        }
        for (depth, part) in parts.enumerated() {
            let expected = depth + 1 == parts.count ? kind : .group
            guard try hasLink(part, in: object.id) else {
                throw SNNError(
                    .format,
                    "expected \(text(of: expected)) '\(PlainText.text(part))', found nothing there")
            }
            object = try open(part, in: object.id, expecting: expected)
        }
        return object
    }

    private static func root(of file: hid_t) throws(SNNError) -> HDF5Object {
        guard let root = HDF5Object(H5Gopen2(file, "/", 0)) else {
            throw HDF5Library.failure(.format, "the root group cannot be read")
        }
        return root
    }

    private static func hasLink(_ name: String, in group: hid_t) throws(SNNError) -> Bool {
        let exists = H5Lexists(group, name, 0)
        guard exists >= 0 else {
            throw HDF5Library.failure(.format, "the group cannot be read")
        }
        guard exists > 0 else { return false }
        let type = snnh5_link_type(group, name)
        guard type == H5L_TYPE_HARD.rawValue else {
            throw SNNError(
                .format,
                "expected '\(PlainText.text(name))' in this file, received a soft or external link")
        }
        return true
    }

    private static func open(
        _ name: String, in group: hid_t, expecting kind: ObjectKind
    ) throws(SNNError) -> HDF5Object {
        let type = snnh5_object_type(group, name)
        let isGroup = type == H5O_TYPE_GROUP.rawValue
        let isDataset = type == H5O_TYPE_DATASET.rawValue
        guard isGroup && kind != .dataset || isDataset && kind != .group else {
            throw HDF5Library.failure(
                .format,
                "expected '\(PlainText.text(name))' to be \(text(of: kind)), "
                    + "received \(isGroup ? "a group" : isDataset ? "a dataset" : "neither")")
        }
        let id = isGroup ? H5Gopen2(group, name, 0) : H5Dopen2(group, name, 0)
        guard let object = HDF5Object(id) else {
            throw HDF5Library.failure(.format, "'\(PlainText.text(name))' cannot be opened")
        }
        return object
    }

    private static func text(of kind: ObjectKind) -> StaticString {
        switch kind {
        case .group: "a group"
        case .dataset: "a dataset"
        case .groupOrDataset: "a group or dataset"
        }
    }
}

/// Collects names from libhdf5's callback.
private final class LinkNames {
    private(set) var names: [String] = []

    static func append(
        _ name: UnsafePointer<CChar>?, to context: UnsafeMutableRawPointer?
    ) -> Int32 {
        guard let name, let context else { return 1 }
        let list = Unmanaged<LinkNames>.fromOpaque(context).takeUnretainedValue()
        guard list.names.count < FileLimits.childCount else { return 1 }
        list.names.append(String(cString: name))
        return 0
    }
}
