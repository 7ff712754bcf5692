import Foundation
import SNNCheckpoint
import SNNCore
import Testing

@Suite struct FileStorageTests {
    private let folder = TemporaryFolder()

    private func image(_ text: String) throws -> FileImage {
        try FileImage.of(Array(text.utf8))
    }

    private func text(_ name: String) -> String {
        String(decoding: folder.bytes(name), as: UTF8.self)
    }

    private func save(
        _ contents: String, _ name: String, _ options: FileStorage.SaveOptions = .init()
    ) throws -> Bool {
        try FileStorage.save(try image(contents), to: try folder.file(name), options).keptPrevious
    }

    private func mode(_ name: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)
        return (attributes?[.posixPermissions] as? Int) ?? -1
    }

    @Test func savesReplaceTheFileAndKeepThePreviousOne() throws {
        #expect(try !save("one", "m.h5"))
        #expect(folder.names == ["m.h5"])
        #expect(try save("two", "m.h5"))
        #expect(try save("three", "m.h5"))
        #expect(text("m.h5") == "three" && text("m.h5.prev") == "two")
        #expect(try !save("four", "m.h5", .init(keepsPrevious: false, verifies: false)))
        #expect(text("m.h5") == "four" && text("m.h5.prev") == "two")
        #expect(folder.names == ["m.h5", "m.h5.prev"])
        let path = try folder.file("m.h5")
        #expect(try FileStorage.read(path).array == Array("four".utf8))
        #expect(try FileStorage.read(try path.previous).array == Array("two".utf8))
    }

    @Test func aFileThatIsItsOwnPreviousOneIsReplacedToo() throws {
        // A process killed between the two renames leaves both names on one file.
        _ = try save("one", "m")
        #expect(link(folder.path + "/m", folder.path + "/m.prev") == 0)
        #expect(try save("two", "m"))
        #expect(text("m") == "two" && text("m.prev") == "one")
        #expect(folder.names == ["m", "m.prev"])
    }

    @Test func permissionsOfTheFileAreKept() throws {
        _ = try save("one", "m")
        let fresh = mode("m")
        #expect(fresh & 0o600 == 0o600)
        chmod(folder.path + "/m", 0o640)
        _ = try save("two", "m")
        #expect(mode("m") == 0o640)
    }

    @Test func theFileBehindASymbolicLinkIsReplaced() throws {
        mkdir(folder.path + "/real", 0o755)
        _ = try save("one", "real/m")
        symlink("real/m", folder.path + "/link")
        symlink(folder.path + "/link", folder.path + "/chain")
        _ = try save("two", "chain")
        #expect(text("real/m") == "two" && text("real/m.prev") == "one")
        #expect(folder.names == ["chain", "link", "real"])
        symlink("real/new", folder.path + "/dangling")
        _ = try save("three", "dangling")
        #expect(text("real/new") == "three")
        symlink("loop", folder.path + "/loop")
        #expect(failure { _ = try save("x", "loop") }.message.contains("ELOOP"))
    }

    @Test func whatIsNoRegularFileIsNamed() throws {
        mkfifo(folder.path + "/fifo", 0o600)
        mkdir(folder.path + "/directory", 0o755)
        for (path, word) in [
            (folder.path + "/fifo", "a FIFO"), (folder.path + "/directory", "a directory"),
            (folder.path + "/directory/", "directory"), ("/dev/full", "a device"),
            (folder.path + "/missing/m", "ENOENT"), (folder.path + "/fifo/m", "ENOTDIR"),
        ] {
            let target = try FilePath(path)
            let saving = failure { _ = try FileStorage.save(try image("x"), to: target) }
            #expect(saving.status == .io && saving.message.contains(word), "\(saving)")
            let reading = failure { _ = try FileStorage.read(target) }
            #expect(reading.status == .io && reading.message.contains(word), "\(reading)")
        }
        #expect(folder.names == ["directory", "fifo"])
    }

    @Test func pathsThatAreNoneAreRefused() throws {
        #expect(failure { _ = try FilePath("") }.status == .argument)
        #expect(failure { _ = try FilePath("a\0b") }.status == .argument)
        #expect(
            failure { _ = try FilePath(String(repeating: "a", count: 4097)) }.status == .argument)
        let long = String(repeating: "n", count: 240)
        _ = try save("one", long)
        _ = try save("two", long)
        #expect(text(long) == "two" && text(long + ".prev") == "one")
        #expect(
            failure { _ = try save("x", String(repeating: "n", count: 256)) }.message.contains(
                "ENAMETOOLONG"))
        #expect(folder.names.count == 2)
    }

    @Test func leftoversOfDeadProcessesAreRemovedAndNoOthers() throws {
        let dead = inChildProcessIdentifier()
        let leftovers = ["m.tmp-\(dead)-1", "m.tmp-\(dead)-7.prev"]
        let others = [
            "m.tmp-\(getpid())-99999", "m.tmp-1-1", "m.tmp-x", "n.tmp-\(dead)-1", "m.tmp-",
        ]
        for name in leftovers + others { creat(folder.path + "/" + name, 0o600) }
        _ = try save("one", "m")
        #expect(folder.names == (others + ["m"]).sorted())
    }

    private func inChildProcessIdentifier() -> Int {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/true")
        try? process.run()
        process.waitUntilExit()
        return Int(process.processIdentifier)
    }

    @Test func aSizeLimitOfTheProcessIsAnErrorAndNoSignal() throws {
        _ = try save("old", "m")
        let large = try FileImage.of([UInt8](repeating: 1, count: 100_000))
        let path = try folder.file("m")
        let status = inChild {
            var limit = rlimit(rlim_cur: 50_000, rlim_max: 50_000)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let error = failure { _ = try FileStorage.save(large, to: path) }
            return error.status == .io && error.message.contains("EFBIG") ? 0 : 1
        }
        #expect(status == 0)
        #expect(text("m") == "old" && folder.names == ["m"])
    }

    @Test func foldersAndFilesWithoutPermissionStayAsTheyAre() throws {
        guard getuid() == 0 else {
            print("skipped: needs root, to become another user")
            return
        }
        _ = try save("old", "m")
        let path = try folder.file("m")
        let new = try image("new")
        let attempt: () -> Int32 = {
            let error = failure { _ = try FileStorage.save(new, to: path) }
            return error.status == .io && error.message.contains("EACCES") ? 0 : 1
        }
        chmod(folder.path, 0o755)
        #expect(inChild(asNobody: true, attempt) == 0)
        chmod(folder.path, 0o777)
        #expect(inChild(asNobody: true, attempt) == 0)
        chmod(folder.path + "/m", 0o600)
        let reading = inChild(asNobody: true) {
            failure { _ = try FileStorage.read(path) }.message.contains("EACCES") ? 0 : 1
        }
        #expect(reading == 0)
        #expect(text("m") == "old" && folder.names == ["m"])
    }

    @Test func messagesNamePathCallAndReason() throws {
        let error = failure { _ = try FileStorage.read(try FilePath("/nowhere/m\u{1b}[31m")) }
        #expect(error.status == .io)
        #expect(error.message == "'/nowhere/m?[31m': open: No such file or directory (ENOENT)")
    }

    @Test func descriptorsAndMemoryAreGivenBack() throws {
        func openFiles() -> Int {
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? -1
        }
        let path = try folder.file("m")
        let status = inChild {
            guard let image = try? smallImage() else { return 1 }
            let before = (openFiles(), Memory.usage.bytes)
            for _ in 0..<20 {
                _ = try? FileStorage.save(image, to: path)
                _ = failure { _ = try FileStorage.save(image, to: FilePath("/nowhere/m")) }
                _ = failure { _ = try FileStorage.save(image, to: FilePath("/dev/null")) }
                guard let read = try? FileStorage.read(path), let reader = try? HDF5Reader(read)
                else {
                    return 2
                }
                guard (try? reader.exists("/swiftnn")) == true, (try? ReadableFile(path)) != nil
                else {
                    return 3
                }
            }
            guard openFiles() == before.0 else { return 4 }
            return Memory.usage.bytes == before.1 ? 0 : 5
        }
        #expect(status == 0)
    }
}
