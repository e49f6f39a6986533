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

    /// <summary>Steps of one workflow: long applications are several short workflows (protocols 8.4).</summary>
    public const int MaxSteps = 64;

    /// <summary>Bindings of one step; a repeated input takes one for each of its values.</summary>
    public const int MaxBindings = 64;

    /// <summary>Workflows that one instance pins.</summary>
    public const int MaxWorkflows = 32;

    /// <summary>Once-only operations that one instance pins.</summary>
    public const int MaxOperations = 64;

    /// <summary>Terms of one barrier's "all" or "any", and of one key expression's "of".</summary>
    public const int MaxTerms = 32;

    /// <summary>Nesting of barriers and of key expressions: decoding and checking recurse.</summary>
    public const int MaxNesting = 4;

    /// <summary>Pieces that one state key of a workflow is put together from.</summary>
    public const int MaxKeyParts = 16;

    /// <summary>Bytes of a fixed piece of a state key.</summary>
    public const int MaxKeyPart = 128;

    /// <summary>Signatures under one request.</summary>
    public const int MaxSignatures = 32;

    /// <summary>Sealed headers in one request: one for each unit that state or time is proven of.</summary>
    public const int MaxHeights = 16;

    /// <summary>Beacon records in one request.</summary>
    public const int MaxBeacons = 8;

    /// <summary>Seals that a verifier remembers as good: 32 bytes each.</summary>
    public const int MaxVerifiedSeals = 1 << 16;

    /// <summary>V: epochs that a plan or a direct request may live beyond the one it was made in (protocols 8.1).</summary>
    public const ulong PlanEpochs = 2;

    /// <summary>Steps of all plans of one client in one epoch: enough to fund thousands of participants one by one. Each may leave a replay entry at
    /// a unit (protocols 8.4).</summary>
    public const ulong PlanStepsPerEpoch = 1 << 16;

    /// <summary>Block time over which direct requests of one client are counted: an hour.</summary>
    public const ulong QuotaWindowMs = 60 * 60 * 1000;

    /// <summary>Direct requests of one client at one unit in a window that leave a result: seventy a second.</summary>
    public const ulong DirectPerWindow = 1 << 18;

    /// <summary>Direct requests of one client at one unit in a window that are refused only after their execution.</summary>
    public const int RefusedPerWindow = 64;

    /// <summary>Requests for one step of a plan that are refused only after their execution: an honest client's guesses of a call's witness.</summary>
    public const int RefusedPerStep = 8;

    /// <summary>Epochs that an instance may stay open: its replay entries are kept so long (protocols 8.4).</summary>
    public const ulong MaxInstanceEpochs = 4096;

    /// <summary>Heights of the state unit by which a workflow's proof may be older than the newest one known (protocols 8.1).</summary>
    public const ulong MaxStateLag = 64;

    /// <summary>Characters of one workflow file.</summary>
    public const int MaxWorkflowFile = 1 << 18;

    /// <summary>Nesting of a workflow file's lists and mappings: reading it recurses.</summary>
    public const int MaxFileNesting = 16;

    /// <summary>One log entry with all its proofs: a prefix of thousands of entries must fit.</summary>
    public const int MaxEntry = 4 << 20;

    /// <summary>Entries of one block.</summary>
    public const int MaxBlockEntries = 1024;

    /// <summary>Bytes of one block's entries.</summary>
    public const int MaxBlockBytes = 8 << 20;

    /// <summary>Notarised heights that may carry entries beyond the last sealed one (protocols 1.3 R1).</summary>
    public const int MaxUnsealed = 8;

    /// <summary>Nullifications inside a proposal; more are asked for (protocols 1.2).</summary>
    public const int MaxInlineNullifications = 16;

    /// <summary>Views behind the last final one whose votes are still looked at, for evidence (protocols 1.4).</summary>
    public const ulong VoteWindow = 64;

    /// <summary>Entries that wait for a block; a few seconds of the highest rate aimed at, and shared out by member.</summary>
    public const int MaxPoolEntries = 16384;

    /// <summary>Bytes of entries that wait for a block: eight full blocks.</summary>
    public const int MaxPoolBytes = 8 * MaxBlockBytes;

    /// <summary>Names of finalised entries that are remembered, so that late gossip does not order them again.</summary>
    public const int MaxRecentEntries = 65536;

    /// <summary>Blocks in one answer to a member that catches up.</summary>
    public const int MaxRun = 64;

    /// <summary>A block's header, lengths and counts, rounded up.</summary>
    public const int MaxBlockOverhead = 512;

    /// <summary>Blocks, or certificates, that a member that catches up asks for at a time.</summary>
    public const int MaxWanted = 64;

    /// <summary>Requests of one peer that are answered per second: a member that catches up needs a few per round trip.</summary>
    public const int MaxAnswersPerSecond = 256;

    /// <summary>Views whose certificates are shown at once to a member that stands still.</summary>
    public const int MaxShownViews = 64;

    /// <summary>Pending entries that are spread again at a standstill.</summary>
    public const int MaxRegossiped = 64;

    /// <summary>Bytes of pending entries that are spread again at a standstill: the largest entry fits.</summary>
    public const int MaxRegossipedBytes = MaxEntry + MaxBlockOverhead;

    /// <summary>Siblings on the path of a list's Merkle tree: 2^32 leaves.</summary>
    public const int MaxPath = 32;

    /// <summary>One message between nodes: a block with its justification.</summary>
    public const int MaxFrame = MaxBlockBytes + (1 << 20);

    /// <summary>A contract's code: many times the larger example, and a fraction of a second to compile.</summary>
    public const int MaxContractCode = 512 << 10;

    /// <summary>A call's input, method and arguments.</summary>
    public const int MaxCallInput = 256 << 10;

    /// <summary>What a call gives back.</summary>
    public const int MaxCallOutput = 256 << 10;

    /// <summary>What one tree of calls may spend, in units of about a nanosecond: half a second of every member.</summary>
    public const ulong CallFuel = 500_000_000;

    /// <summary>A contract's own key, without the prefix of its namespace.</summary>
    public const int MaxContractKey = 256;

    /// <summary>A full key of a contract: <c>"c/" unit[32] "/" contract[32] "/" key</c> (protocols 8.6).</summary>
    public const int MaxContractFullKey = 68 + MaxContractKey;

    /// <summary>One value in a contract's state.</summary>
    public const int MaxContractValue = 64 << 10;

    /// <summary>Keys and values of one scan together: thousands of tickets.</summary>
    public const int MaxCallScan = 4 << 20;

    /// <summary>Distinct keys that one tree of calls reads.</summary>
    public const int MaxCallReads = 8192;

    /// <summary>Distinct prefixes that one tree of calls scans.</summary>
    public const int MaxCallScans = 64;

    /// <summary>Distinct keys that one tree of calls writes: a refund of thousands of tickets.</summary>
    public const int MaxCallWrites = 16384;

    /// <summary>Contracts running at once in one tree of calls: each keeps its memory until it returns.</summary>
    public const int MaxCallDepth = 8;

    /// <summary>A contract's message with its failure.</summary>
    public const int MaxFailureMessage = 256;

    /// <summary>Types of a contract's module. This and the next: far above what compilers emit, low enough that nothing grows from a few bytes.</summary>
    public const uint MaxModuleTypes = 256;

    /// <summary>Imports of a contract's module.</summary>
    public const uint MaxModuleImports = 64;

    /// <summary>Functions of a contract's module.</summary>
    public const uint MaxModuleFunctions = 4096;

    /// <summary>Globals of a contract's module.</summary>
    public const uint MaxModuleGlobals = 256;

    /// <summary>Exports of a contract's module.</summary>
    public const uint MaxModuleExports = 256;

    /// <summary>Element segments of a contract's module.</summary>
    public const uint MaxModuleElements = 64;

    /// <summary>Data segments of a contract's module.</summary>
    public const uint MaxModuleData = 1024;

    /// <summary>Parameters and locals of one function: compile time grows with locals times blocks.</summary>
    public const int MaxFunctionLocals = 512;

    /// <summary>Code of one function: the machine frame it needs grows with it at worst.</summary>
    public const uint MaxFunctionBody = 64 << 10;

    /// <summary>Blocks within blocks.</summary>
    public const int MaxFunctionNesting = 256;

    /// <summary>Operands of one function at once.</summary>
    public const int MaxFunctionOperands = 1024;

    /// <summary>Targets of one branch table.</summary>
    public const uint MaxBranchTable = 1024;

    /// <summary>Pages of 64 KiB: 16 MiB for one running contract.</summary>
    public const uint MaxContractPages = 256;

    /// <summary>Functions in a contract's table.</summary>
    public const uint MaxContractTable = 4096;

    /// <summary>What all running functions of one tree of calls may take of the stack, in slots of 8 bytes: 256 KiB, an eighth of the native
    /// stack below them, so that this count, the same on every machine, ends a recursion before the native stack does.</summary>
    public const int MaxStackSlots = 32 << 10;

    /// <summary>One key of a state map: a contract's full key fits. The depth of a map's trie, and so of recursion over it, is bounded by it.</summary>
    public const int MaxKeyBytes = 384;

    /// <summary>The canonical owner of a state entry: an expression over dozens of keys.</summary>
    public const int MaxOwnerBytes = 4096;

    /// <summary>Nodes of one state proof: a prefix of tens of thousands of entries has twice as many.</summary>
    public const int MaxProofNodes = 1 << 17;

    /// <summary>The last heights at which a state map stays readable, and so how old a contract call's reads may be.</summary>
    public const int RetainedHeights = 128;

    /// <summary>Heights from one checkpoint to the next. The last two are kept: state and blocks since the older one serve members that were
    /// away; whoever is further behind takes the newer one's state.</summary>
    public const ulong CheckpointHeights = 1024;

    /// <summary>Heights for which results are kept though nobody can ask for them by a replay key any more: refusals by a contract that may be
    /// tried again, and certificates for members that are behind.</summary>
    public const ulong KeptHeights = 256;

    /// <summary>What one block deletes of each kind that has served: replay entries, old blocks, abandoned states. Twice what a block adds.</summary>
    public const int MaxDeletedPerBlock = 2 * MaxBlockEntries;

    /// <summary>Bytes of entries in one piece of a fetched state; one entry may be as much.</summary>
    public const int ChunkBytes = 1 << 20;

    /// <summary>Entries in one piece of a fetched state.</summary>
    public const int MaxChunkEntries = 8192;

    /// <summary>Pieces of state that one peer is given per second.</summary>
    public const int MaxChunksPerSecond = 32;

    /// <summary>Epoch links in one message.</summary>
    public const int MaxLinks = 16;

    /// <summary>Results that a member asks others for at once, and how often it asks for one.</summary>
    public const int MaxWantedResults = 1024, MaxResultQuestions = 20;

    /// <summary>Votes of a member that another one shows it, of what it may have forgotten.</summary>
    public const int MaxRecalledVotes = 64;

    /// <summary>Memory for the nodes of one state map that were used lately: about 50,000 entries with all that leads to them. Only maps that are as
    /// large take it.</summary>
    public const long MapCacheBytes = 32 << 20;

    /// <summary>Bytes of waiting messages from one peer to one member: the largest message and as much again of small ones.</summary>
    public const int MaxInboxBytes = MaxFrame + (4 << 20);

    /// <summary>Bytes of one unit's messages waiting for one connected peer: the largest message must fit.</summary>
    public const int MaxOutboxBytes = MaxFrame + (4 << 20);

    /// <summary>The same while the peer is away: enough for the latest votes, little where many peers are gone for long.</summary>
    public const int MaxOfflineOutboxBytes = 256 << 10;

    /// <summary>What a waiting message costs beside its bytes, so that floods of tiny ones are bounded too.</summary>
    public const int MessageOverhead = 256;

    /// <summary>Calls of local callers (API requests) that may wait for one member.</summary>
    public const int MaxWaitingCalls = 8192;

    /// <summary>Inputs that share one flush to disk: more would let the first of them wait too long.</summary>
    public const int MaxTurnInputs = 128;

    /// <summary>A handshake message between nodes: nothing larger is read from a peer that is not yet known.</summary>
    public const int MaxHello = 512;

    /// <summary>Connections whose peer is not yet known, from all addresses at which no peer is known to live: each costs a TLS handshake.</summary>
    public const int MaxPendingHandshakes = 256;

    /// <summary>Handshakes begun in one second with all such addresses: a few thousandths of a second of processor each.</summary>
    public const int MaxHandshakesPerSecond = 64;

    /// <summary>Addresses at which peers were met that are remembered.</summary>
    public const int MaxPeerAddresses = 4 * MaxNodes;

    /// <summary>The same from one address: the nodes of a development network all live at one.</summary>
    public const int MaxPendingHandshakesPerAddress = 64;

    /// <summary>A key file: header and a few secrets.</summary>
    public const int MaxKeyFile = 4096;

    /// <summary>A node's configuration file.</summary>
    public const int MaxConfigurationFile = 64 << 10;

    /// <summary>A genesis file: nodes and units with all their keys.</summary>
    public const int MaxGenesisFile = 4 << 20;

    /// <summary>One member's share of a pending result with its proof: of a whole set that is opened together, at most.</summary>
    public const int MaxShare = 40 << 10;

    /// <summary>The last blocks whose bodies, and the last heights whose results, a member keeps in memory beside its store.</summary>
    public const int HeightsInMemory = 8;

    /// <summary>Seal votes are kept for this many heights above the last one executed: a member this far behind asks for certificates instead.</summary>
    public const int SealWindow = 64;

    /// <summary>Subjects for which shares of one member are kept before the own log has reached them.</summary>
    public const int EarlyShares = 256;

    /// <summary>Bytes of one member's shares that are kept so.</summary>
    public const int EarlyShareBytes = 256 << 10;

    /// <summary>Awaited block times kept at once: the nearest ones.</summary>
    public const int MaxAwaited = 256;

    /// <summary>Requests of clients that one unit member answers at once.</summary>
    public const int MaxWaiting = 8192;

    /// <summary>The same of one client.</summary>
    public const int MaxWaitingOfClient = 1024;

    /// <summary>Results of one block: of its entries, of duties and of results that were pending.</summary>
    public const int MaxBlockResults = 4 * MaxBlockEntries;

    /// <summary>Key of an outputs record in memory terms: outputs and what convinces third parties of them.</summary>
    public const int MaxRecord = (MaxMembers / 2 + 1) * MaxShare;

    /// <summary>Signatures that a member remembers as good: those of as many requests as it may have under way at once.</summary>
    public const int RememberedSignatures = MaxWaiting;

    /// <summary>Decoded entries kept for the rest of their way into the log.</summary>
    public const int DecodedEntries = 2 * MaxBlockEntries;

    /// <summary>The longest that an API call waits for its answer; the client asks again.</summary>
    public const int MaxApiWaitMs = 30_000;

    /// <summary>Connections of clients to one node. What each may take before its request is judged: <see cref="MaxApiBuffer"/> and a small body.</summary>
    public const int MaxApiConnections = 2048;

    /// <summary>The body of an API request: an entry in base64, and what stands around it.</summary>
    public const int MaxApiBody = (MaxEntry / 3 * 4) + 4096;

    /// <summary>Bodies and replies up to this size are bounded by the number of connections alone.</summary>
    public const int SmallApiBody = 32 << 10;

    /// <summary>Bytes of larger bodies that have arrived and are judged at once; as text and decoded they take some four times as much.</summary>
    public const int MaxApiBodiesBytes = 32 << 20;

    /// <summary>Bytes of larger replies that are on their way at once: who does not read keeps them there.</summary>
    public const int MaxApiRepliesBytes = 64 << 20;

    /// <summary>What is read of a connection before its request asks for it; a request's line and headers fit.</summary>
    public const int MaxApiBuffer = 32 << 10;

    /// <summary>Seconds in which a request's headers must be there, and after which a connection that asks nothing is closed.</summary>
    public const int MaxApiHeaderSeconds = 10, MaxApiIdleSeconds = 60;

    /// <summary>Seconds in which a body must be there, whatever its size, and a large reply must be read.</summary>
    public const int MaxApiTransferSeconds = 30;

    /// <summary>Clients that follow a node's events at once.</summary>
    public const int MaxApiFollowers = 256;

    /// <summary>Milliseconds between two events to one follower, at least: each costs its member a call.</summary>
    public const int MinApiEventMs = 100;

    /// <summary>Keys and prefixes of one read of state.</summary>
    public const int MaxApiReads = 4096;

    /// <summary>Beacon rounds begun in one block: a unit that was away catches up without a block full of proofs.</summary>
    public const int MaxBeaconRoundsPerBlock = 16;

    /// <summary>Milliseconds between beacon rounds: not more often than blocks come.</summary>
    public const ulong MinBeaconPeriodMs = 100;

    /// <summary>A year: whoever wants none says 0.</summary>
    public const ulong MaxBeaconPeriodMs = 365UL * 24 * 60 * 60 * 1000;

    /// <summary>One proof file: a run of sixteen steps with the largest requests; the example takes a thousandth of it.</summary>
    public const int MaxProofFile = 64 << 20;

    /// <summary>Depth of a policy's expression, followed through the policies that it names (protocols 5.3).</summary>
    public const int MaxPolicyDepth = 8;

    /// <summary>Keys, receipts and named policies in a policy's expression, followed through the policies that it names.</summary>
    public const int MaxPolicyLeaves = 256;

    /// <summary>Keys that a policy has revoked.</summary>
    public const int MaxRevoked = 256;

    /// <summary>Data that stands inside a write to private storage, encrypted.</summary>
    public const int MaxSecretData = 64 << 10;

    /// <summary>The same of a write that is opened together with others.</summary>
    public const int MaxReleasedData = 512;

    /// <summary>Writes that are opened together.</summary>
    public const int MaxReleased = 1000;

    /// <summary>What a writer notes beside a secret, readable by all.</summary>
    public const int MaxSecretNote = 256;

    /// <summary>Elections of one unit that are open or not counted: each has a key that members hold and a place in every block's duties.</summary>
    public const int MaxElections = 64;

    /// <summary>What an election asks, and between how many answers each time.</summary>
    public const int MaxQuestions = 8, MaxChoices = 256;

    /// <summary>Characters of a question or of an answer, in UTF-8.</summary>
    public const int MaxQuestionText = 512;

    /// <summary>Those who may shuffle an election's ballots.</summary>
    public const int MaxMixers = 32;

    /// <summary>Ciphertexts that are decrypted together: a member's shares of them are one message.</summary>
    public const int MaxTallyCells = 1200;

    /// <summary>A year from an election's opening to its end.</summary>
    public const ulong MaxElectionMs = 365UL * 24 * 60 * 60 * 1000;
}
