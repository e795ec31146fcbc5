// Written by scripts/generate-destinations from phonenumbers 9.0.43. Do not edit.

extension NumberingPlanTable {
    /// Calling codes that begin with 1 to 3.
    static let zone1To3 = """
        1 001 short 1-15 [2-9]11
        1 AG ordinary 10 26840[0-578] 2684[1-9] 268[0-35-9]
        1 AG pager 10 26840[69]
        1 AI ordinary 10 26472[0-35-9] 2647[013-9] 264[0-689]
        1 AI pager 10 264724
        1 BB ordinary 10 24697[0-57-9] 2469[0-689] 246[0-8]
        1 BB premium 10 246976
        1 BM ordinary 10 441
        1 BS ordinary 10 242
        1 DM ordinary 10 767
        1 DO ordinary 10 8001 809 829 849
        1 GD ordinary 10 473
        1 JM ordinary 10 658 876
        1 KN ordinary 10 869
        1 KY ordinary 10 34597[0-57-9] 3459[0-689] 345[0-8]
        1 KY premium 10 345976
        1 LC ordinary 10 758
        1 MS ordinary 10 664
        1 SX ordinary 10 721
        1 TC ordinary 10 649
        1 TT ordinary 10 86861[0-8] 8686[02-9] 868[0-57-9]
        1 TT voicemail 10 868619
        1 VC ordinary 10 784
        1 VG ordinary 10 284
        1 CA satellite 1-15 600
        1 US premium 1-15 80[1-9]976 83[0-24-9]976 84[0-35-9]976 85[0-46-9]976 86[0-57-9]976 87[0-689]976 88[0-79]976
        1 US premium 1-15 8[129][0-9]976 [2-79][0-9][0-9]976
        1 AS ordinary 10 684
        1 CA ordinary 10 204 249 25[07] 263 273 289 2[23]6 306 343 354 36[578] 382 403 41[68] 43[178] 450 474 4[26]8
        1 CA ordinary 10 506 51[49] 548 579 58[147] 60[04] 613 639 647 672 683 70[59] 742 753 778 78[02] 807 819 825
        1 CA ordinary 10 867 87[39] 90[25] 942
        1 CA personal 10 622 633
        1 GU ordinary 10 671
        1 MP ordinary 10 670
        1 PR ordinary 10 787 939
        1 US ordinary 10 20[0-35-9] 24[013-578] 25[1-689] 26[0-25-79] 27[0-24-9] 28[0-35-8] 2[19] 2[23][0-57-9]
        1 US ordinary 10 30[0-57-9] 34[1246-9] 35[0-35-9] 36[0-469] 38[013-9] 3[1-379] 40[0-24-9] 41[0-579] 43[02-69]
        1 US ordinary 10 44[02-9] 45[1-9] 47[0-25-9] 4[26][0-79] 4[89] 50[1-57-9] 51[0-35-8] 520 53[014-9] 54[0-35-79]
        1 US ordinary 10 56[0-57-9] 57[0-68] 58[023569] 5[59] 60[1-35-9] 61[0-24-9] 62[013-9] 63[0-24-8] 64[0-68]
        1 US ordinary 10 65[0-79] 66[0-35-9] 67[3-9] 68[0-25-9] 69 70[0-46-8] 72[02-9] 74[013-9] 75[0-24-79] 76[0-689]
        1 US ordinary 10 77[0-79] 78[135689] 7[139] 800[02-9] 80[1-68] 81[0-8] 82[0-46-8] 84[0-8] 86[0-6] 87[0-24578]
        1 US ordinary 10 8[3589] 90[1346-9] 93[0-8] 94[013-9] 9[125-9]
        1 US personal 10 500 52[1-9] 53[23] 544 566 577 588
        1 US premium 10 900
        1 VI ordinary 10 340
        20 EG ordinary 8 3
        20 EG ordinary 8,9 5
        20 EG ordinary 8-10 1
        20 EG ordinary 9 9 [246]
        20 EG ordinary 9,10 8
        20 EG premium 10 9
        27 ZA ordinary 5-9 8[1-4]
        27 ZA ordinary 9 8[057] [1-7]
        27 ZA ordinary 9,10 861
        27 ZA premium 9 86[2-9] 9
        27 ZA shared 9 860
        30 GR ordinary 10 94 [256]
        30 GR ordinary 10-12 800
        30 GR personal 10 7
        30 GR premium 10 90
        30 GR shared 10 80[16] 8[1257]
        31 NL ordinary 11 97
        31 NL ordinary 5,6,9 1
        31 NL ordinary 7-10 8
        31 NL ordinary 9 6[1-58] 91 [2-57]
        31 NL pager 9 66
        31 NL premium 7-10 90
        32 BE ordinary 8 71 787[06-8] 78[0-69] 9[2-4] [1-3568]
        32 BE ordinary 8,9 4
        32 BE premium 8 70 90
        32 BE shared 8 7879
        33 FR satellite 1-15 63800 64000 64001 64002 64003 64004 75076 75077
        33 FR ordinary 9 80 [1-79]
        33 FR premium 9 81[2-9] 82[2-47-9] 88[0-35-9] 8[3569]
        33 FR shared 9 81[01] 82[0156] 84 884
        34 ES ordinary 9 7[1-48] 800 8[1-8] 900 9[1-8] [4-6]
        34 ES personal 9 70
        34 ES premium 9 80[367]
        34 ES shared 9 90[12]
        36 HU ordinary 8 9[2-69] [148]
        36 HU ordinary 8,9 [235-7]
        36 HU premium 8 9[01]
        39 IT ordinary 10 [45]
        39 IT ordinary 6,9 80
        39 IT ordinary 6-11 0669[0-79] 066[0-8] 06[0-57-9] 087[1-5] 08[0-25689] 0[1-579]
        39 IT ordinary 6-12 083
        39 IT ordinary 9,10 3
        39 IT personal 10 17
        39 IT personal 9 19
        39 IT premium 6,8-10 89
        39 IT premium 9 0878 1[46]
        39 IT shared 6,9 84
        39 IT voicemail 11,12 3
        39 VA ordinary 6-11 06698
        211 SS ordinary 9 *
        212 MA ordinary 9 80 [5-7]
        212 MA premium 9 89
        213 DZ ordinary 8 [1-4]
        213 DZ ordinary 9 800 [5-79]
        213 DZ premium 9 80[3-689]
        213 DZ shared 9 80[12]
        216 TN ordinary 8 80 812 [2-579]
        216 TN premium 8 88
        216 TN shared 8 811 82
        218 LY ordinary 9 *
        220 GM ordinary 7,9 *
        221 SN ordinary 9 80 [379]
        221 SN premium 9 88
        221 SN shared 9 81
        222 MR ordinary 8 *
        223 ML ordinary 8 *
        224 GN ordinary 8,9 *
        225 CI ordinary 10 *
        226 BF ordinary 8 *
        227 NE ordinary 8 08 [27-9]
        227 NE premium 8 09
        228 TG ordinary 8 *
        229 BJ ordinary 10 *
        230 MU ordinary 7 21[0-8] 2[0346-8] 3[29] [46]
        230 MU ordinary 7,10 8
        230 MU ordinary 8 [57]
        230 MU pager 7 219
        230 MU premium 7 30
        231 LR ordinary 7 6
        231 LR ordinary 7,9 [45]
        231 LR ordinary 8,9 2
        231 LR ordinary 9 330 [78]
        231 LR premium 9 332
        232 SL ordinary 8 *
        233 GH ordinary 8,9 *
        234 NG ordinary 10-14 *
        235 TD ordinary 8 *
        236 CF ordinary 8 [267]
        236 CF premium 8 8
        237 CM ordinary 8,9 *
        238 CV ordinary 7 *
        239 ST ordinary 7 *
        240 GQ ordinary 9 [2358]
        240 GQ premium 9 9
        241 GA ordinary 7,8 *
        242 CG ordinary 9 [02]
        242 CG premium 9 8
        243 CD ordinary 7-10 *
        244 AO ordinary 9 *
        245 GW ordinary 7,9 *
        246 IO ordinary 7 *
        247 AC ordinary 5,6 *
        248 SC ordinary 7 80 [2469]
        248 SC premium 7 85
        249 SD ordinary 9 *
        250 RW ordinary 8 0
        250 RW ordinary 9 [278]
        250 RW premium 9 9
        251 ET ordinary 9 *
        252 SO ordinary 6-9 *
        253 DJ ordinary 8 *
        254 KE ordinary 7-9 [4-6]
        254 KE ordinary 8,9 2
        254 KE ordinary 9 [17]
        254 KE ordinary 9,10 8
        254 KE premium 9 9
        255 TZ ordinary 9 80 [2467]
        255 TZ premium 9 9
        255 TZ shared 9 8[46]
        256 UG ordinary 9 [2-478]
        256 UG premium 9 9
        257 BI ordinary 8 *
        258 MZ ordinary 8,9 *
        260 ZM ordinary 9 *
        261 MG ordinary 9 *
        262 RE ordinary 9 2688 26[23] 69 7092 80 9399 9479 976[23]
        262 RE premium 9 89[1-37-9]
        262 RE shared 9 890 8[128]
        262 YT ordinary 9 2689 269 63 7093 9398 9478 9769
        263 ZW ordinary 7,9,10 *
        264 NA ordinary 8 88
        264 NA ordinary 8,9 6
        264 NA ordinary 9 8[0-5]
        264 NA premium 9 87
        265 MW ordinary 7,9 *
        266 LS ordinary 8 *
        267 BW ordinary 10 [08]
        267 BW ordinary 7 [2-6]
        267 BW ordinary 8 7
        267 BW premium 7 9
        268 SZ ordinary 8 *
        268 SZ premium 9 *
        269 KM ordinary 7 [347]
        269 KM premium 7 8
        290 SH ordinary 5 [2569]
        290 TA ordinary 4 8
        291 ER ordinary 7 *
        297 AW ordinary 7 9[69] [25-8]
        297 AW premium 7 90
        298 FO ordinary 6 9[16] [2-8]
        298 FO premium 6 90
        299 GL ordinary 6 *
        350 GI ordinary 8 *
        351 PT ordinary 9 609230 60929 6093 669230 66929 6693 6[35] 70 80[02] [1-39]
        351 PT pager 9 6[28]
        351 PT personal 9 88
        351 PT premium 9 60[178] 64 76
        351 PT shared 9 80[89]
        351 PT voicemail 9 600 60923[349] 6092[04] 66923[349] 6692[04]
        352 LU ordinary 4-11 80[2-9] 8[13-9] 90[89] 9[2-579] [2-57]
        352 LU ordinary 8 800
        352 LU ordinary 9 6
        352 LU premium 8 90[015]
        352 LU shared 8 801
        353 IE ordinary 7-10 4
        353 IE ordinary 7-9 [2569]
        353 IE ordinary 8,9 15 18[1-46-8] 18[59] 1[0-4679]
        353 IE ordinary 8-10 180
        353 IE ordinary 9 7[146] 8
        353 IE personal 9 70
        353 IE premium 10 15
        353 IE shared 10 18[59]
        353 IE voicemail 10 8
        354 IS ordinary 7 68[06-8] 6[1-79] 872 88[238] 8[02-69] [457]
        354 IS ordinary 9 3
        354 IS premium 7 90
        354 IS voicemail 7 689 87[18] 880 95
        355 AL ordinary 7,8 8
        355 AL ordinary 8 [2-5]
        355 AL ordinary 9 6
        355 AL personal 8 7
        355 AL premium 6 9
        355 AL shared 6 8
        356 MT ordinary 8 501 7[279] [2389]
        356 MT pager 8 71
        356 MT premium 8 50[0679] 5[12]
        357 CY ordinary 8 77 800 9[14-79] [25]
        357 CY personal 8 70
        357 CY premium 8 90
        357 CY shared 8 80[1-9]
        358 AX ordinary 6-9 18
        358 FI ordinary 10 606 70[78] 73
        358 FI ordinary 5-10 [235]
        358 FI ordinary 5-9 19 6[1-8] [89]
        358 FI ordinary 6-10 10 4 75
        358 FI ordinary 6-9 1[3-7]
        358 FI ordinary 8,9 60[12] 709
        358 FI ordinary 8-12 70[1-5]
        358 FI ordinary 9 71
        358 FI premium 8,9 600 700
        359 BG ordinary 12 0
        359 BG ordinary 6-8 2
        359 BG ordinary 7,8 70[1-9] 7[1-9] 9[1-7] [3-6]
        359 BG ordinary 7-9 8
        359 BG ordinary 9 9[89]
        359 BG premium 8 90
        359 BG shared 8 700
        370 LT ordinary 8 70[67] 80[0-2] 901 [3-6]
        370 LT personal 8 70[05]
        370 LT premium 8 90[0239] 91
        370 LT shared 8 808
        371 LV ordinary 8 80 [26]
        371 LV premium 8 9
        371 LV shared 8 81
        372 EE ordinary 7 4 7 [36]
        372 EE ordinary 7,8 5
        372 EE ordinary 7,8,10 8
        372 EE personal 8 7
        372 EE premium 7 9
        372 EE premium 8 4
        373 MD ordinary 8 80[03] [235-7]
        373 MD premium 8 9
        373 MD shared 8 808
        374 AM ordinary 8 800 88 9[13-9] [1-7]
        374 AM premium 8 90
        374 AM shared 8 80[1-4]
        375 BY ordinary 11 82
        375 BY ordinary 6-10 80
        375 BY ordinary 9 [1-4]
        375 BY premium 10 81 9
        376 AD ordinary 6 [3578]
        376 AD ordinary 6,9 6
        376 AD ordinary 8 1
        376 AD premium 6 1 9
        377 MC ordinary 8,9 *
        378 SM ordinary 10 0
        378 SM ordinary 8 [56]
        378 SM premium 8 7
        380 UA ordinary 9 9[1-9] [3-7]
        380 UA ordinary 9,10 8
        380 UA premium 9,10 90
        381 RS ordinary 6-12 7[06] 8
        381 RS ordinary 7-12 [1-3]
        381 RS ordinary 8-10 6
        381 RS premium 6-10 78 9
        382 ME ordinary 8 [2-7]
        382 ME ordinary 8,9 8
        382 ME premium 8 9
        383 XK ordinary 8 [48]
        383 XK ordinary 8,9 2
        383 XK ordinary 8-12 3
        383 XK premium 8 9
        385 HR ordinary 7-9 8
        385 HR ordinary 8 1 72
        385 HR ordinary 8,9 62 [2-59]
        385 HR personal 8 7[45]
        385 HR premium 7,8 6[01]
        385 HR premium 8 6[459]
        386 SI ordinary 6-8 80
        386 SI ordinary 8 8[1-3] [1-7]
        386 SI premium 5-8 89
        386 SI premium 6-8 9
        387 BA ordinary 8 8[08] [3-57]
        387 BA ordinary 8,9 6
        387 BA premium 8 9
        387 BA shared 8 8[12]
        389 MK ordinary 8 800 [2-47]
        389 MK premium 8 5
        389 MK shared 8 80[1-9] 8[1-9]
        """
}
