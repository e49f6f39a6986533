using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Node;

/// <summary>Every refusal of a node itself, with its code.</summary>
public static class NodeRefusals
{
    // Data folder.

    public static Refusal DataFolderDamaged(string folder, string detail) => new(
        "PRT-NOD-0001", "the data folder is damaged", folder, "a complete database", detail,
        Advice: "Nothing was changed. Check the disk, move the folder away and start again: the node fetches its state from the other members, and signs nothing before the next epoch");

    public static Refusal DataFolderOfAnother(string folder, string what, Digest expected, Digest got) => new(
        "PRT-NOD-0002", $"the data folder belongs to another {what}", folder, expected.ToString(), got.ToString(),
        Advice: "Give every node of every network a data folder of its own");

    public static Refusal DataFolderInUse(string folder) => new(
        "PRT-NOD-0003", "another process uses this data folder", folder, Retry: true,
        Advice: "Stop the other node, or give this one its own folder");

    public static Refusal DataFolderUnusable(string folder, string detail) => new(
        "PRT-NOD-0004", "the data folder cannot be used", folder, "a folder that this user can read and write", detail);

    public static Refusal DiskFailed(string folder, string detail) => new(
        "PRT-NOD-0005", "the disk does not take what is written to it", folder, "room and a working disk", detail, Retry: true,
        Advice: "The node has stopped, and nothing that it acknowledged is lost. Make room or mend the disk, and start it again");

    // Key folder.

    public static Refusal KeyFileMissing(string path) => new(
        "PRT-NOD-0010", "a key file is missing", path, Advice: "Create the node's keys first, or restore the file from its backup");

    public static Refusal KeyFileLoose(string path, UnixFileMode expected, UnixFileMode got) => new(
        "PRT-NOD-0011", "others could read or replace the node's keys", path, Octal(expected), Octal(got),
        Advice: $"Run: chmod {Octal(expected)} '{path}'");

    public static Refusal KeyFileDamaged(string path, string detail) => new(
        "PRT-NOD-0012", "a key file is damaged", path, "an unchanged key file", detail, Advice: "Restore it from its backup");

    public static Refusal KeyFilePassphrase(string path) => new(
        "PRT-NOD-0013", "the passphrase is wrong", path,
        Advice: "Nothing was changed; try again with the passphrase the keys were created with");

    public static Refusal KeyFileExists(string path) => new(
        "PRT-NOD-0014", "keys exist already and are never overwritten", path, "no such file", "a file",
        Advice: "Use another folder, or move the old keys away");

    public static Refusal PassphraseMissing(string variable, string fileVariable) => new(
        "PRT-NOD-0015", "no passphrase for the node's keys", "", $"{variable}, {fileVariable}, or a terminal to ask on", "none of them");

    public static Refusal KeyFilePurpose(string path, string expected, string got) => new(
        "PRT-NOD-0016", "the key file holds another key", path, expected, got,
        Advice: "Restore the right file; key files must not be renamed or exchanged");

    // Configuration.

    public static Refusal FileUnreadable(string path, string detail) => new(
        "PRT-NOD-0020", "a file cannot be read", path, "a readable file", detail);

    public static Refusal ConfigurationInvalid(string path, string key, string expected, string got) => new(
        "PRT-NOD-0021", $"the configuration is not valid at '{key}'", path, expected, got);

    public static Refusal GenesisInvalid(string path, string detail) => new(
        "PRT-NOD-0022", "the genesis is not valid", path, "a canonical genesis", detail);

    public static Refusal NotInGenesis(Digest node) => new(
        "PRT-NOD-0023", "this node does not stand in the genesis", "", "a record with this node's identity key", node.ToString(),
        Advice: "Check that key folder and genesis belong together");

    public static Refusal RecordOfOtherKeys(string key) => new(
        "PRT-NOD-0024", $"the {key} key in the genesis is not the one in the key folder", "", "the same key", "another",
        Advice: "Check that key folder and genesis belong together");

    public static Refusal UnknownClass(string unitClass) => new(
        "PRT-NOD-0025", "this program knows no unit of that class", "", "a class of its catalog", unitClass,
        Advice: "Install the version that the network runs");

    // Sockets and the handshake between nodes.

    public static Refusal AddressInUse(string address) => new(
        "PRT-NOD-0030", "the address is in use", address, "a free port", "another process listens there", Retry: true,
        Advice: "Stop the other process or configure another port");

    public static Refusal AddressUnusable(string address, string detail) => new(
        "PRT-NOD-0031", "cannot listen at the address", address, "an address of this machine", detail);

    public static Refusal HelloMalformed(string detail) => new("PRT-NOD-0040", "the peer's greeting is malformed", Got: detail);

    public static Refusal HelloVersion(ushort expected, ushort got) =>
        Hello("PRT-NOD-0041", "peers speak different protocol versions", $"{expected}", $"{got}");

    public static Refusal HelloLibrary(string expected, string got) =>
        Hello("PRT-NOD-0042", "peers run different releases of libsodium", expected, got);

    public static Refusal HelloChain(Digest expected, Digest got) =>
        Hello("PRT-NOD-0043", "the peer is of another network", $"{expected}", $"{got}");

    public static Refusal HelloNode(Digest expected, Digest got) =>
        Hello("PRT-NOD-0044", "the peer's name does not go with its transport key", $"{expected}", $"{got}");

    public static Refusal HelloAddressee(Digest expected, Digest got) =>
        Hello("PRT-NOD-0045", "the peer meant another node", $"{expected}", $"{got}");

    public static Refusal RefusedByPeer(Digest peer, string code) =>
        new("PRT-NOD-0046", "the peer refused this node's greeting", $"{peer}", "", code,
            Advice: "See the meaning of that code, as the peer reports it");

    private static Refusal Hello(string code, string what, string expected, string got) =>
        new(code, what, Expected: expected, Got: got);

    // Members.

    public static Refusal MemberStopped(string member, string reason) => new(
        "PRT-NOD-0050", "this member has stopped", member, "a running member", reason,
        Advice: "Ask another member; the operator finds the cause in the node's log");

    public static Refusal MemberBusy(string member) => new(
        "PRT-NOD-0051", "too many requests wait for this member", member, $"fewer than {Limits.MaxWaitingCalls}", "more", Retry: true,
        Advice: "Try again, or ask another member");

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8).PadLeft(4, '0');
}
