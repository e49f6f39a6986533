using Protean.Benchmarks;

// Figures are printed, never asserted: they belong to the machine that they were measured on.
var quick = args.Contains("--quick");
var machine = Machine.Measure();
Console.WriteLine(machine);
switch (args.FirstOrDefault())
{
    case "figures":
        await Figures.Print(machine, quick, args.Where(static arg => arg.StartsWith("only=", StringComparison.Ordinal)).Select(static arg => arg[5..]).FirstOrDefault());
        await Micro.Print(machine, quick);
        return 0;
    case "committees":
        Committees.Print(machine, quick);
        return 0;
    case "elections":
        Elections.Print(quick);
        return 0;
    case "storage":
        Storage.Print(quick);
        return 0;
    case "micro":
        await Micro.Print(machine, quick);
        return 0;
    default:
        Console.Error.WriteLine("figures [--quick]   the whole system's figures, then the parts'");
        Console.Error.WriteLine("committees [--quick]   the state unit by number of members, in the simulator");
        Console.Error.WriteLine("elections [--quick]   shuffles, decryption and key generation");
        Console.Error.WriteLine("storage [--quick]   private storage: writes, reads, reveals");
        Console.Error.WriteLine("micro [--quick]     the parts' alone");
        return 2;
}
