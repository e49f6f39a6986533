namespace Protean;

/// <summary>Every bound of the system. A size is checked against its bound before memory is taken for it.</summary>
public static class Limits
{
    /// <summary>Members of one committee: a certificate is a vector of signatures, so its size grows with the committee (protocols 1.6).</summary>
    public const int MaxMembers = 64;

    /// <summary>Nodes of one network in this version's genesis.</summary>
    public const int MaxNodes = 1024;

    /// <summary>Functional units of one network.</summary>
    public const int MaxUnits = 256;

    /// <summary>Names: units, transactions, fields, workflows, steps, parameters.</summary>
    public const int MaxName = 64;

    /// <summary>Host names, URLs and tags in a node record.</summary>
    public const int MaxAddress = 256;

    /// <summary>Genesis parameters, and name-value lists of records.</summary>
    public const int MaxParameters = 64;

    /// <summary>One value: an argument, an output, a parameter, a state entry.</summary>
    public const int MaxValue = 1 << 20;

    /// <summary>Named inputs or outputs of one transaction.</summary>
    public const int MaxFields = 32;

    /// <summary>One log entry with all its proofs: a prefix of thousands of entries must fit.</summary>
    public const int MaxEntry = 4 << 20;

    /// <summary>Entries of one block.</summary>
    public const int MaxBlockEntries = 1024;

    /// <summary>Bytes of one block's entries.</summary>
    public const int MaxBlockBytes = 8 << 20;

    /// <summary>Notarised heights that may carry entries beyond the last sealed one (protocols 1.3 R1).</summary>
    public const int MaxUnsealed = 8;

    /// <summary>Siblings on the path of a list's Merkle tree: 2^32 leaves.</summary>
    public const int MaxPath = 32;

    /// <summary>One message between nodes: a block with its justification.</summary>
    public const int MaxFrame = MaxBlockBytes + (1 << 20);
}
